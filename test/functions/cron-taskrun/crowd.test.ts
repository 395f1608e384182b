import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Executor } from '../../../functions/cron-taskrun/executor.ts'
import { drafts, ownRig } from './rig.ts'

describe('a crowd of runs', async () => {
  const rig = await ownRig()

  /** Starts so many at once, and tells each of them twice. */
  async function startAll(name: string, many: number, change: Parameters<typeof rig.give>[1] = {}) {
    const runs = await Promise.all(
      Array.from({ length: many }, (_, number) => rig.make(drafts.taskRun(`${name}-${number}`, name))),
    )
    const outcomes = await Promise.all(
      [...runs, ...runs].map(run => rig.give({ order: 'start', ...rig.about(run), kind: 'TaskRun' }, change)),
    )
    expect(outcomes.filter(({ kind }) => kind === 'drop')).toEqual([])
    const all = await rig.objects.list('TaskRun')
    expect(all.filter(({ status }) => status.runStatus !== 'Successed')).toEqual([])
    return runs.map(({ metadata }) => metadata.name).sort()
  }

  it('is run by real processes, each once', async () => {
    const mark = join(mkdtempSync(join(tmpdir(), 'crowd-')), 'mark')
    await rig.make(drafts.task('few', [{ content: `echo "$TASKRUN" >> ${mark}` }]))
    const names = await startAll('few', 60)
    expect(readFileSync(mark, 'utf8').trim().split('\n').sort()).toEqual(names)
  })

  it('of five hundred is started at once, each once', async () => {
    await rig.make(drafts.task('many', [{ content: 'echo x' }]))
    const started: string[] = []
    const at = '2026-01-31T12:00:00Z'
    const step = { name: 'a', status: 'Successed', output: '', results: {}, findings: [] } as const
    const executor: Executor = {
      places: async () => [{ name: 'n1' }],
      async start({ run }) {
        started.push(run.metadata.name)
        const times = { startTime: at, completionTime: at }
        return {
          state: 'ended',
          places: [{ place: 'n1', runStatus: 'Successed', ...times, steps: [{ ...step, findings: [] }] }],
        }
      },
      look: async () => ({ state: 'running' }),
      stop: async () => {},
    }
    const names = await startAll('many', 500, { executor: async () => executor })
    expect(started.sort()).toEqual(names)
  })
})
