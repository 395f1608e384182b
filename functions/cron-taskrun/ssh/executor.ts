import type { HostKeys } from '../../../shared/adapters/host-keys.ts'
import { messageOf } from '../../../shared/log.ts'
import type { Stored } from '../../../shared/objects.ts'
import type { ReadSecret } from '../../../shared/secret.ts'
import type { Executor, PlaceReport, Work } from '../executor.ts'
import { cutOf } from '../steps/cut.ts'
import { heldRuns } from '../steps/held.ts'
import { markOf } from '../steps/mark.ts'
import { turns } from '../steps/turns.ts'
import { walk } from '../steps/walk.ts'
import { connectTo } from './host.ts'
import { placesIn } from './places.ts'
import { runOn } from './run.ts'

export type SshWorld = {
  /** The Hosts of a namespace. */
  hosts(namespace: string): Promise<Stored<'Host'>[]>
  secret: ReadSecret
  hostKeys: HostKeys
  now(): Date
  /** How many runs go on at once. */
  most?: number
}

/** How many hosts of one run are connected to at once. */
const hostsAtOnce = 8

/** Runs steps on Hosts by SSH; who starts work waits for its end. */
export function sshExecutor(world: SshWorld): Executor {
  const { now, most = 16 } = world
  const held = heldRuns({ most, now })

  async function onAll(work: Work, signal: AbortSignal): Promise<PlaceReport[]> {
    const hosts = await world.hosts(work.run.metadata.namespace)
    const turn = turns(hostsAtOnce)
    return Promise.all(
      work.at.map(async at => {
        const leave = await turn(signal)
        const host = hosts.find(({ metadata }) => metadata.name === at.place.name)
        return onHost({ work, at, host, signal }).finally(leave)
      }),
    )
  }

  async function onHost({ work, at, host, signal }: OnHost): Promise<PlaceReport> {
    const startTime = now().toISOString()
    const connected = await connectTo(host, world, signal).catch(error => ({ problem: messageOf(error) }))
    if ('problem' in connected) {
      const cut = cutOf(signal)
      return {
        place: at.place.name,
        runStatus: cut?.status ?? 'Failed',
        message: cut ? `${cut.why} before "${at.place.name}" was reached` : connected.problem,
        startTime,
        completionTime: now().toISOString(),
        steps: [],
      }
    }
    const run = runOn(connected, { name: at.place.name, mark: markOf(work.run) })
    return walk(at, { work, run, signal, now }).finally(connected.close)
  }

  return {
    atOnce: hostsAtOnce,
    async places({ run: { metadata }, host }) {
      return placesIn(await world.hosts(metadata.namespace), { host, ...metadata })
    },
    start: work => held.start(work, signal => onAll(work, signal)),
    // What it ran there has ended with the connection.
    look: async run =>
      held.look(run) ?? { state: 'lost', reason: 'cron-taskrun was ended while it ran it', places: [] },
    async stop(run, why) {
      await held.stop(run, why)
    },
  }
}

type OnHost = { work: Work; at: Work['at'][number]; host: Stored<'Host'> | undefined; signal: AbortSignal }
