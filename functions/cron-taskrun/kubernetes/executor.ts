import type { Executor } from '../executor.ts'
import { lookIn } from './look.ts'
import { patient } from './patient.ts'
import { placesIn } from './places.ts'
import { startIn } from './start.ts'
import { stopIn } from './stop.ts'
import type { ClusterWorld } from './world.ts'

/** Runs steps as Jobs, one for each place. They go on without us, and the watcher sees them end. */
export function kubernetesExecutor(given: ClusterWorld): Executor {
  const world = {
    ...given,
    json: patient(given.json),
    // A node that is away may be so for long, and its logs are not worth a long wait.
    stream: patient(given.stream, { attempts: 2 }),
  }
  return { places: placesIn(world), start: startIn(world), look: lookIn(world), stop: stopIn(world) }
}
