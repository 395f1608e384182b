import type { Log } from '../../../shared/log.ts'
import { reporter } from '../report.ts'
import type { ObjectsTaker } from './take.ts'
import { objectsIn } from './wanted.ts'

/** Takes none in, since there is a cluster that they belong in, and says so once of each. */
export function objectsLeaver(log: Log): ObjectsTaker {
  const told = new Set<string>()
  const report = reporter(log)
  return {
    folder(found) {
      const { wanted, refused } = objectsIn(found)
      report({ refused })
      for (const { object, resource } of wanted) {
        const name = `${object.kind} "${object.metadata.namespace}/${object.metadata.name}"`
        if (told.has(name)) continue
        told.add(name)
        const { file, document } = resource
        log.warn(
          { file, document },
          `${name} is not taken from a folder where there is a cluster: kubectl apply it`,
        )
      }
    },
    ready: () => true,
    stop() {},
  }
}
