import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { openNats } from '../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../shared/adapters/objects/kv.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import type { Draft } from '../../../shared/objects.ts'
import type { Kind } from '../../../shared/resources.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { startChain } from '../../chain.ts'
import { hears } from '../../hears.ts'
import { quiet } from '../../quiet.ts'
import { drafts, namespace } from './rig.ts'

const patience = { timeout: 60_000, interval: 50 }
const ref = (name: string) => `\${${name}}`

describe('the whole chain, without a cluster', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'runs-chain-'))
  const mark = join(mkdtempSync(join(tmpdir(), 'runs-mark-')), 'mark')
  const written = [
    drafts.task('find', [{ name: 'look', content: `echo ran >> ${mark}; echo OPS_RESULT:node=n1` }]),
    drafts.task('tell', [
      {
        name: 'post',
        content: `curl -sf -X POST "$OPSSERVER_ENDPOINT/api/v1/namespaces/$NAMESPACE/events/hosts.$node.findings" -H 'content-type: application/json' -d '{"type":"TaskRunReport","kind":"'$TASKRUN'","host":"'$node'","status":"alerting"}'`,
      },
    ]),
    drafts.task('break', [{ name: 'snap', content: 'exit 7' }]),
    drafts.task('clean', [{ content: `echo OPS_FINDING:'{"status":"normal"}'` }]),
    drafts.pipeline('remedy', [
      { name: 'first', taskRef: 'find' },
      { name: 'second', taskRef: 'tell', variables: { node: ref('tasks.first.results.node') } },
      { name: 'third', taskRef: 'break' },
      { name: 'last', taskRef: 'clean', runAlways: true },
    ]),
  ]
  const write = (object: Draft<Kind>) =>
    writeFileSync(
      join(dir, `${object.kind}-${object.metadata.name}.yaml`),
      stringify({ apiVersion: 'crd.chenshaowen.com/v1', ...object }),
    )
  for (const object of written) write(object)
  const chain = await startChain(dir, 'current')
  const nats = openNats(chain.nats, 'runs-chain-test', quiet)
  const objects = objectsInKv(nats, { now: Date.now })
  const heard: OpsEvent[] = []
  beforeAll(async () => {
    const nc = await nats.opened
    await hears(nc, 'ops.>', message => void heard.push(message.json()))
  })
  afterAll(() => nats.close())

  it('runs a pipeline of a file to its end, each task once, with what it found on the bus', async () => {
    write(drafts.pipelineRun('remedy-now', 'remedy'))
    const status = async () => (await objects.get('PipelineRun', namespace, 'remedy-now'))?.status ?? {}
    await expect.poll(async () => hasEnded(await status()), patience).toBe(true)
    expect(await status()).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(/^Task "third" is Failed: Step "snap" on .*7/),
      pipelineRunStatus: [
        { name: 'first', taskRunStatus: { runStatus: 'Successed' }, results: { node: 'n1' } },
        { name: 'second', taskRunStatus: { runStatus: 'Successed' } },
        { name: 'third', taskRunStatus: { runStatus: 'Failed' } },
        { name: 'last', taskRunStatus: { runStatus: 'Successed' } },
      ],
    })
    expect(readFileSync(mark, 'utf8')).toBe('ran\n')
    const on = (end: string) => heard.filter(({ subject }) => subject?.endsWith(end))
    await expect
      .poll(() => on('.hosts.n1.findings'), patience)
      .toMatchObject([
        { type: 'TaskRunReport', data: { kind: 'remedy-now-second', host: 'n1', status: 'alerting' } },
      ])
    expect(on('.taskruns.remedy-now-last.findings')).toMatchObject([{ data: { kind: 'remedy-now-last' } }])
  })

  it('tells the story in status events, in order', async () => {
    const told = () =>
      heard
        .filter(({ subject }) => subject?.endsWith('.pipelineruns.remedy-now.status'))
        .map(({ data }) => (data as { runStatus: string }).runStatus)
    await expect.poll(() => told().at(-1), patience).toBe('Failed')
    expect(told()[0]).toBe('Running')
    const ofTask = heard
      .filter(({ subject }) => subject?.endsWith('.taskruns.remedy-now-third.status'))
      .map(({ data }) => (data as { runStatus: string }).runStatus)
    expect(ofTask).toEqual(['Running', 'Failed'])
  })
})
