import type { KvWatchEntry } from '@nats-io/kv'
import type { NatsConnection, QueuedIterator } from '@nats-io/transport-node'

/**
 * What a watch brings, with a `tick` every so many milliseconds; it ends with the watch, with `signal`, and when the
 * connection was interrupted, since nobody knows what was lost then.
 */
export async function* entriesOf(world: {
  nc: NatsConnection
  watch: QueuedIterator<KvWatchEntry>
  signal: AbortSignal
  every: number
}): AsyncGenerator<KvWatchEntry | 'tick', void> {
  const { nc, watch, signal, every } = world
  const queue: (KvWatchEntry | 'tick')[] = []
  let over = signal.aborted
  let wake = () => {}
  const end = () => {
    over = true
    wake()
  }
  const push = (one: KvWatchEntry | 'tick') => {
    queue.push(one)
    wake()
  }
  const timer = setInterval(() => push('tick'), every)
  signal.addEventListener('abort', end)
  void take().finally(end)
  void followStatus().finally(end)
  try {
    for (;;) {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) yield one
      if (over) return
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  } finally {
    over = true
    clearInterval(timer)
    signal.removeEventListener('abort', end)
    watch.stop()
  }

  async function take(): Promise<void> {
    for await (const entry of watch) push(entry)
  }

  async function followStatus(): Promise<void> {
    for await (const { type } of nc.status()) if (over || interruptions.includes(type)) return
  }
}

const interruptions = ['disconnect', 'reconnect', 'close']
