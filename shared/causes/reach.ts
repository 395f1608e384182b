import { commonRules } from './common.ts'
import { linkRules } from './rules.ts'

/** Lengths of a step in milliseconds: within a step nothing is told apart. */
export const stepOf = { pair: 10_000, common: 300_000 } as const

/** How far an effect may be from its cause, in steps. */
export type Reach = { rule: string; because: string; within: number; slack: number }

const second = 1_000
const stepsOf = (length: number) => Math.ceil(length / stepOf.pair)

/** From a full hour so far, in milliseconds: trouble goes on over ten minutes, anything else over two. */
export const continuing = { 'trouble-continues': 600 * second, continues: 120 * second } as const
const goesOn = 'the same went on into the next hour'

/** The rules by which pairs of cause and effect are looked for when events are stored. */
export const reaches: readonly Reach[] = [
  ...linkRules.map(({ name, because, within, slack }) => ({
    ...{ rule: name, because },
    ...{ within: stepsOf(within * second), slack: stepsOf(slack * second) },
  })),
  ...Object.entries(continuing).map(([rule, within]) => ({
    ...{ rule, because: goesOn, within: stepsOf(within), slack: 0 },
  })),
]

/** For each rule of links why it says so. */
export const becauses: Readonly<Record<string, string>> = Object.fromEntries([
  ...reaches.map(({ rule, because }) => [rule, because]),
  ...commonRules.map(({ name, because }) => [name, because]),
])
