import type { Stored } from '../../../shared/objects.ts'
import { digestOf, runSubjects } from '../../../shared/run-tokens.ts'
import { lineageOf } from '../../../shared/runs.ts'
import type { Work } from '../executor.ts'
import type { World } from '../world.ts'
import type { Plan } from './plan.ts'

/** The work of a run, with a token that is kept before anybody can use it. One that an earlier start gave away stays good beside it. */
export async function workOf(run: Stored<'TaskRun'>, { work }: Plan, world: World): Promise<Work> {
  const { namespace, name, uid, annotations } = run.metadata
  const { tokens, settings } = world
  const token = world.newToken(uid)
  await tokens.keep({
    ...{ namespace, name, uid, kind: run.kind },
    sha256: digestOf(token),
    publish: runSubjects(settings.cluster),
    expires: work.deadline.toISOString(),
    lineage: lineageOf(annotations),
  })
  return { ...work, run, endpoint: endpointOf(settings.ingest, token), secrets: [token] }
}

/** The URL of subject-ingest with the token as its password, as `curl $OPSSERVER_ENDPOINT/api/…` takes it. */
function endpointOf(ingest: string, token: string): string {
  const url = new URL(ingest)
  url.username = 'ops'
  url.password = token
  return url.href.replace(/\/+$/, '')
}
