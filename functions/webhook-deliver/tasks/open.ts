import type { Delivery } from '../../../shared/delivery.ts'
import type { CompiledHook, Destination } from '../../../shared/hookset.ts'
import type { Outcome } from '../../../shared/outcome.ts'
import { perHourOf, taskTemplates } from '../../../shared/receivers/task.ts'
import { type Filling, fillingOf } from '../template.ts'
import { type Starter, start } from './start.ts'

/** A hook of type task, ready to start runs of its Task. */
export type Starting = {
  hook: CompiledHook
  additional: string
  task: { ref: string; perHour: number; texts: [option: string, text: Filling][] }
  start(delivery: Delivery, starter: Starter): Promise<Outcome>
}

/** Reads what a hook of type task is told by its options, which were judged before. */
export async function openTask(
  hook: CompiledHook,
  { options, additional }: Destination,
  timeZone: string,
): Promise<Starting> {
  const reading = Object.entries(taskTemplates(options)).map(
    async ([option, source]): Promise<[string, Filling]> => [option, await fillingOf(source, timeZone)],
  )
  const task = {
    ref: options.taskRef ?? '',
    perHour: perHourOf(options) ?? 0,
    texts: await Promise.all(reading),
  }
  const starting: Starting = {
    ...{ hook, additional, task },
    start: (delivery, starter) => start(delivery, starting, starter),
  }
  return starting
}
