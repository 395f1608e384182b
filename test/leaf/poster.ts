import { setTimeout as pause } from 'node:timers/promises'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { ownSource } from '../../shared/event.ts'
import { eventMessage } from '../../shared/event-message.ts'
import { idOf } from '../../shared/id.ts'
import { resourceSubject } from '../../shared/subject.ts'
import { quiet } from '../quiet.ts'

/** The name of an event: its cluster, its object, and the how manieth of that it is. */
export type Name = `${string}/${number}/${number}`

/** Every tenth object is one that a hook tells of: the others are judged, and come to nothing. */
const isTold = (object: number) => object % 10 === 0

/** Those of them that a hook tells of. */
export const toldOf = (names: Name[]): Name[] => names.filter(name => isTold(Number(name.split('/')[1])))

/** What puts a watcher's events on the bus of its cluster, at a rate. */
export type Poster = {
  /** The names of all that the bus has taken. */
  posted: Name[]
  /** Ends when everything that was begun is on the bus. */
  stop(): Promise<void>
}

const objects = 40

/** Posts `rate` events a second about some objects, each in order: the next when the bus has the one before. */
export function startPoster(about: { cluster: string; url: string; rate: number }): Poster {
  const { cluster, url, rate } = about
  const nats = openNats(url, 'watcher', quiet)
  const { publish } = publisherOver(nats)
  const posted: Name[] = []
  const started = performance.now()
  let stopped = false

  async function postAbout(object: number): Promise<void> {
    for (let seq = 1; !stopped; seq++) {
      const due = started + (((seq - 1) * objects + object) * 1000) / rate
      await pause(Math.max(due - performance.now(), 0))
      if (stopped) return
      await surely(messageOf(cluster, object, seq))
      posted.push(`${cluster}/${object}/${seq}`)
    }
  }

  async function surely(message: ReturnType<typeof messageOf>): Promise<void> {
    for (;;) {
      try {
        await publish(message)
        return
      } catch {
        // The server is away: the same id again, as the watcher does.
        await pause(100)
      }
    }
  }

  const all = Promise.all(Array.from({ length: objects }, (_, object) => postAbout(object)))
  return {
    posted,
    async stop() {
      stopped = true
      await all
      await nats.close()
    },
  }
}

/** An event such as the watcher's, of about a kilobyte. */
function messageOf(cluster: string, object: number, seq: number) {
  const name = `api-${object}`
  const time = new Date().toISOString()
  return eventMessage({
    specversion: '1.0',
    id: idOf('leaf', cluster, String(object), String(seq)),
    source: ownSource,
    type: 'Kube',
    subject: resourceSubject({ cluster, namespace: 'shop', plural: 'pods', name, observation: 'events' }),
    time,
    datacontenttype: 'application/json',
    cluster,
    data: {
      cluster,
      kind: 'Pod',
      namespace: 'shop',
      name,
      type: 'Warning',
      reason: isTold(object) ? 'Told' : 'BackOff',
      count: seq,
      eventTime: time,
      from: 'kubelet',
      message: 'Back-off restarting failed container '.repeat(12),
    },
  })
}
