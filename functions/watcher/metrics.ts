import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { answer, type Handler } from '../../shared/host.ts'

/** What the watcher counts. */
export type Metrics = {
  /** For what other parts of the watcher count. */
  registry: Registry
  /** How many hooks are in force, and how many are not as they are written. */
  counted(hooks: { ready: number; refused: number }): void
  /** The same of silences. */
  silences(silences: { ready: number; refused: number }): void
  /** The same of the objects of the folder. */
  objects(objects: { ready: number; refused: number }): void
  /** A new revision is in force. */
  renewed(): void
  /** The files were read anew. */
  reloaded(result: 'changed' | 'unchanged'): void
  /** A set could not be put in force. */
  failed(): void
  /** Answers `GET /metrics`. */
  handler: Handler
}

/** Metrics of one watcher, with those of the process. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const hooks = new Gauge({
    name: 'ops_watcher_hooks',
    help: 'Hooks by state: in force, or not in force as they are written',
    labelNames: ['state'] as const,
    registers,
  })
  const silences = new Gauge({
    name: 'ops_watcher_silences',
    help: 'Silences of resources by state: taken in, or not as they are written',
    labelNames: ['state'] as const,
    registers,
  })
  const objects = new Gauge({
    name: 'ops_watcher_objects',
    help: 'Objects of the folder by state: taken in, or not as they are written',
    labelNames: ['state'] as const,
    registers,
  })
  const revision = new Gauge({
    name: 'ops_watcher_hooks_revision_timestamp_seconds',
    help: 'When the revision in force was put in force',
    registers,
  })
  const reloads = new Counter({
    name: 'ops_watcher_reloads_total',
    help: 'Times that the files were read anew, by whether that made another set of hooks',
    labelNames: ['result'] as const,
    registers,
  })
  const failures = new Counter({
    name: 'ops_watcher_put_failures_total',
    help: 'Times that hooks, silences or objects could not be put in force',
    registers,
  })
  for (const result of ['changed', 'unchanged']) reloads.inc({ result }, 0)
  return {
    registry,
    counted({ ready, refused }) {
      hooks.set({ state: 'ready' }, ready)
      hooks.set({ state: 'refused' }, refused)
    },
    silences({ ready, refused }) {
      silences.set({ state: 'ready' }, ready)
      silences.set({ state: 'refused' }, refused)
    },
    objects({ ready, refused }) {
      objects.set({ state: 'ready' }, ready)
      objects.set({ state: 'refused' }, refused)
    },
    renewed: () => revision.setToCurrentTime(),
    reloaded: result => reloads.inc({ result }),
    failed: () => failures.inc(),
    handler: pageOf(registry),
  }
}

/** Answers `GET /metrics` with what is counted here. */
export function pageOf(registry: Registry): Handler {
  return async (request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics')
      return answer(response, 404, 'There are /healthz, /readyz and /metrics')
    answer(response, 200, await registry.metrics(), { 'content-type': registry.contentType })
  }
}
