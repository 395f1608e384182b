import { messageOf } from '../../../shared/log.ts'
import { type Output, outputReader } from '../script/output.ts'
import type { ClusterWorld } from './world.ts'

/** Of a container's log so much is read. */
const most = 8 * 1024 * 1024

/**
 * What a container has printed, masked; where that cannot be read, `output` says why. `secrets`: what is to be masked, if
 * that is known.
 */
export async function readLog(
  stream: ClusterWorld['stream'],
  {
    pod,
    container,
    secrets,
  }: { pod: { namespace: string; name: string }; container: string; secrets: string[] | undefined },
): Promise<Output> {
  const reader = outputReader({ secrets: secrets ?? [] })
  if (!secrets) {
    reader.push(Buffer.from("(Its output is not shown: the run's Secret is gone, which says what to mask)\n"))
    return reader.end()
  }
  let read = 0
  try {
    const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log`
    for await (const chunk of await stream({ path, query: { container, limitBytes: most }, accept: '*/*' })) {
      reader.push(chunk)
      read += chunk.length
    }
  } catch (error) {
    reader.push(Buffer.from(`${read > 0 ? '\n' : ''}(Its output cannot be read: ${messageOf(error)})\n`))
  }
  if (read >= most)
    reader.push(Buffer.from(`\n(It printed more than the ${most >> 20} MiB that were read)\n`))
  return reader.end()
}
