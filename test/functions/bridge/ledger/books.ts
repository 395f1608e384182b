import { randomUUID } from 'node:crypto'
import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import { coverageOf } from '../../../../functions/bridge/coverage.ts'
import { openLedger } from '../../../../functions/bridge/ledger/open.ts'
import { type Publisher, publisherOver } from '../../../../shared/adapters/publisher.ts'
import type { CompiledHook } from '../../../../shared/hookset.ts'
import { logOf } from '../../../../shared/log.ts'
import { compiledHook } from '../../../compiled-hook.ts'
import type { Rig, TriggerInput } from '../rig.ts'

const log = logOf('bridge', process.env.RIG_LOG ?? 'silent')

/** A hook in force, as far as the bridge looks at it. */
export const hookOf = (id: string, subject: string): CompiledHook =>
  compiledHook(id, { revision: '1', subject })

/**
 * A bridge of one trigger that keeps the ledger, with a hook for all that it is about where none are given. `journal`
 * stands between it and the journal.
 */
export async function counting(
  rig: Rig,
  trigger: TriggerInput,
  {
    hooks = trigger.filter.subjects.map(subject => hookOf('n/all', subject)),
    journal = publish => publish,
  }: { hooks?: CompiledHook[]; journal?: (publish: Publisher['publish']) => Publisher['publish'] } = {},
) {
  const coverage = coverageOf()
  coverage.put({ revision: '1', hooks })
  const registry = new Registry()
  const publisher = publisherOver(rig.nats)
  const ledger = openLedger({
    ...{ nats: rig.nats, coverage, registry, log, me: randomUUID(), newId: randomUUID },
    publisher: { ...publisher, publish: journal(publisher.publish) },
    prepare: async () => {},
  })
  const kept = await rig.keep(
    { own: true, batch: 10, ...trigger },
    { ledger, publisher, covered: coverage.covers },
  )
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= kept.stop().then(ledger.stop))
  onTestFinished(stop)
  return { stop, coverage, page: () => registry.metrics() }
}
