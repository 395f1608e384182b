import { setTimeout as pause } from 'node:timers/promises'
import { changesInKv } from '../../../shared/adapters/objects/changes.ts'
import type { Change } from '../../../shared/changes.ts'
import { messageOf } from '../../../shared/log.ts'
import type { Kind } from '../../../shared/resources.ts'
import { followRuns, type RunsWorld } from './follow.ts'

/** Follows the objects in KV, where there is no cluster. */
export function followKv(world: RunsWorld): { ready(): boolean; stop(): Promise<void> } {
  const { nats, log } = world
  const stopping = new AbortController()
  const { signal } = stopping
  const sleep = (ms: number) => pause(ms, undefined, { signal }).catch(() => {})

  function changesOf(kind: Kind): AsyncIterable<Change> {
    let said = ''
    return changesInKv(nats, kind, { failed, sleep }, signal)

    /** Says each reason once; that NATS is away says the connection itself. */
    function failed(error: unknown): void {
      const err = messageOf(error)
      if (err !== said && nats.up()) log.warn({ kind, err }, 'Cannot read objects in KV, trying again')
      said = err
    }
  }

  const runs = followRuns(world, { changesOf, jobs: undefined }, signal)
  return {
    ready: () => true,
    async stop() {
      stopping.abort()
      await runs.stop()
    },
  }
}
