import type { Child } from '../../infra/local/child.ts'
import { until } from '../../infra/local/until.ts'
import type { callsOf } from '../calls.ts'
import { statusOf } from './under.ts'

type Pod = { url: string; child: Child; half: ReturnType<typeof callsOf>['half'] }

/** SIGTERM in the middle of a request: what that one is answered, what others are meanwhile, and how it all ends. */
export async function halted({ url, child, half }: Pod) {
  const rest = await half('held')
  const began = performance.now()
  const after = () => Math.round(performance.now() - began)
  void child.kill('SIGTERM')
  const later = await until('others to be turned away', child, async () => {
    const status = await statusOf(`${url}/healthz`)
    return status === 200 ? undefined : status
  })
  const turnedAway = after()
  const health = await statusOf(`${url}/_/health`)
  const { statusCode: held } = await rest()
  return { held, later, turnedAway, health, ended: await child.exited, after: after() }
}
