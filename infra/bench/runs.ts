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
  const { jobs, started, requests, due } = await runsInCluster(many, fewer)
  const bare = { name: 'bare Jobs made there', samples: jobs }
  const alone = { name: 'the requests of a start alone', samples: requests }
  const asJobs = `runs-kubernetes ${many}`
  return {
    rows: [
      rowOf(`runs-here ${many} at once`, here.runs, { name: 'plain shells', samples: here.shells }),
      rowOf(`${asJobs} at once`, started, bare),
      rowOf(`${asJobs} at once`, started, alone),
      rowOf(`${asJobs} due at once`, due, bare),
      rowOf(`${asJobs} due at once`, due, alone),
    ],
    notes: [
      cpuLine('runs here', here.runs),
      cpuLine('bare Jobs', jobs),
      cpuLine('the requests of a start alone', requests),
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
