import type { Bench } from './bench.ts'
import { cpuLine } from './result.ts'
import { ratesOf, type Sample } from './rounds.ts'
import type { Row } from './row.ts'
import { runsInCluster } from './runs-cluster.ts'
import { runsHere } from './runs-here.ts'
import { median } from './stats.ts'

const asMany = 500

/** How many runs a second can be started: on this machine, and as Jobs of a real API server. */
export const runs: Bench = async effort => {
  const many = Math.round(asMany * effort.size)
  const fewer = { ...effort, rounds: Math.ceil(effort.rounds * 0.6) }
  const here = await runsHere(many, fewer)
  const { jobs, started, due } = await runsInCluster(many, fewer)
  return {
    rows: [
      rowOf(`runs-here ${many} at once`, here.runs, { name: 'plain shells', samples: here.shells }),
      rowOf(`runs-kubernetes ${many} at once`, started, { name: 'bare Jobs made there', samples: jobs }),
      rowOf(`runs-kubernetes ${many} due at once`, due, { name: 'bare Jobs made there', samples: jobs }),
    ],
    notes: [
      cpuLine('runs here', here.runs),
      cpuLine('bare Jobs', jobs),
      cpuLine('runs as Jobs', started),
      cpuLine('runs that are due', due),
    ],
  }
}

function rowOf(name: string, samples: Sample[], against: { name: string; samples: Sample[] }): Row {
  const value = median(ratesOf(samples))
  return {
    ...{ name, value, unit: 'starts/s', against: against.name },
    ratio: value / median(ratesOf(against.samples)),
  }
}
