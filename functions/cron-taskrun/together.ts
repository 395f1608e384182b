import type { Objects, Stored } from '../../shared/objects.ts'
import type { Kind } from '../../shared/resources.ts'

type Reading<T> = { underWay: Promise<T>; next?: Promise<T> }
type Readings = { [K in Kind]: Map<string, Reading<Stored<K> | undefined>> }

/**
 * The same objects. Who asks for one that is just being read gets it by the next reading, together with all others that
 * wait for it: hundreds of runs that start at once ask for one Task, and none gets it as it was before it asked.
 */
export function readTogether(objects: Objects): Objects {
  const readings: Readings = {
    ...{ EventHooks: new Map(), Silence: new Map(), Task: new Map(), TaskRun: new Map() },
    ...{ Pipeline: new Map(), PipelineRun: new Map(), Host: new Map(), Cluster: new Map() },
  }

  return {
    ...objects,
    get<K extends Kind>(kind: K, namespace: string, name: string) {
      return together(readings[kind], `${namespace}/${name}`, () => objects.get(kind, namespace, name))
    },
  }
}

function together<T>(readings: Map<string, Reading<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const reading = readings.get(key)
  if (!reading) return begin()
  // How the one before ended is of no interest here.
  reading.next ??= reading.underWay.then(begin, begin)
  return reading.next

  function begin(): Promise<T> {
    const begun: Reading<T> = { underWay: read() }
    readings.set(key, begun)
    const end = () => {
      if (!begun.next) readings.delete(key)
    }
    begun.underWay.then(end, end)
    return begun.underWay
  }
}
