/** One measured number; `ratio` sets it against another of the same run, which is what can be compared over machines. */
export type Row = {
  name: string
  value: number
  unit: string
  against: string
  ratio: number
  /** What is aimed at, and whether this run reached it. */
  goal?: string
  met?: boolean
}

/** What has to be true of a row's ratio, or of its value. */
export type Goal = { of?: 'ratio' | 'value' } & ({ atLeast: number } | { atMost: number })

/** The row with its goal, and whether it is met. */
export function judged(row: Row, goal: Goal): Row {
  const { of = 'ratio' } = goal
  const is = row[of]
  const met = 'atLeast' in goal ? is >= goal.atLeast : is <= goal.atMost
  const words = 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`
  return { ...row, goal: of === 'ratio' ? words : `${words} ${row.unit}`, met }
}
