import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { run } from '../infra/ops/run.ts'
import { startChain } from './chain.ts'
import { natsVersions } from './servers.ts'

const folder = fileURLToPath(new URL('../infra/examples', import.meta.url))
const Page = z.object({
  list: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ runStatus: z.string().optional() }),
    }),
  ),
})

describe.each(natsVersions)('the examples, on every process and nats-server %s,', async version => {
  const { api, token } = await startChain(folder, version)

  async function ops(...args: string[]): Promise<string> {
    const lines: string[] = []
    const print = (text: string) => void lines.push(text)
    const env = { OPS_API: api, OPS_TOKEN: token }
    await run(args, { env, local: undefined, now: Date.now(), print, warn: print })
    return lines.join('\n')
  }
  /** The runs of a Task and how they stand. */
  async function standing(task: string): Promise<Record<string, string | undefined>> {
    const { list } = Page.parse(JSON.parse(await ops('runs', 'task', '--search', task, '--json')))
    return Object.fromEntries(list.map(({ metadata, status }) => [metadata.name, status.runStatus]))
  }

  it('run once what has no crontab, and answer what that finds with a repair', async () => {
    await expect
      .poll(() => standing('check-disk'), { timeout: 60_000 })
      .toMatchObject({ 'check-disk-once': 'Successed' })
    const repairs = async () => Object.values(await standing('free-space'))
    await expect.poll(repairs, { timeout: 60_000 }).toEqual(['Successed'])
  })

  it('run by hand, with what they print', async () => {
    const said = await ops('run', 'task', 'check-disk', '--var', 'threshold=101', '--wait')
    expect(said).toMatch(/--- \S+ look: Successed\n\/ is \d+% full: normal\n/)
    await expect(ops('run', 'task', 'check-disk', '--var', 'threshold=much', '--wait')).rejects.toThrow(
      'It did not go well',
    )
    expect(await ops('runs', '--status', 'DataInValid')).toMatch(/check-disk-\w{5} .*threshold/)
    expect(Object.keys(await standing('free-space'))).toHaveLength(1)
  })
})
