import type { Objects, Stored } from '../../../shared/objects.ts'
import { hasEnded, type RunKind } from '../../../shared/runs.ts'
import { find } from './find.ts'

type Status<K extends RunKind> = Stored<K>['status']

/** A version that somebody else writes at the same time is read again so often. */
const mostTurns = 20

/**
 * Writes what a run has come to, made of the status as it is by then, unless it is gone or has ended by somebody else's
 * hand. What it is afterwards; undefined when it is gone.
 */
export async function writeUnlessEnded<K extends RunKind>(
  run: Stored<K>,
  statusOf: (now: Stored<K>) => Status<K>,
  world: { objects: Pick<Objects, 'get' | 'putStatus'> },
): Promise<Stored<K> | undefined> {
  const { kind, metadata } = run
  let latest: Stored<K> | undefined = run
  for (let turn = 0; turn < mostTurns && latest; turn++) {
    if (hasEnded(latest.status)) return latest
    const written = await world.objects.putStatus(latest, statusOf(latest))
    if (written) return written
    latest = await find({ kind, ...metadata }, world)
  }
  if (!latest) return undefined
  throw new Error(
    `Cannot write the status of ${kind} "${metadata.namespace}/${metadata.name}": others write it, ${mostTurns} times in a row`,
  )
}
