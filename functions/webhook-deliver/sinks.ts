import type { HookType } from '../../shared/hook.ts'
import type { Sink } from './sink.ts'
import { webhook } from './sinks/webhook.ts'
import { xiezuo } from './sinks/xiezuo.ts'

/** The kinds of receivers: a further one is its file and its row. Type event is hook-evaluate's own. */
export const sinks = { webhook, xiezuo } satisfies Record<Exclude<HookType, 'event'>, Sink>
