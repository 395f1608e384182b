import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyFolder } from '../../../infra/local/kubernetes/furnish.ts'
import { objectYaml, taskRunYaml } from '../../functions/watcher/objects/files.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'

describeOnKubernetes('applyFolder()', {}, ({ kubectl }) => {
  const folder = mkdtempSync(join(tmpdir(), 'ops-events-folder-'))
  const { signal } = new AbortController()
  const said: string[] = []
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
  const apply = () =>
    applyFolder({ kubectl, signal, say: line => said.push(line) }, { folder, namespace: 'ops' })
  const versionOf = async (what: string) =>
    Number(await kubectl(['get', '-n', 'ops', what, '-o', 'jsonpath={.metadata.resourceVersion}']))

  beforeAll(() => {
    mkdirSync(join(folder, 'a'))
    write(
      'a/1.yaml',
      [
        taskRunYaml('run'),
        objectYaml('PipelineRun', 'piped', { pipelineRef: 'pipe' }),
        taskRunYaml('wrong', { taskRfe: 'check' }),
      ].join('---\n'),
    )
    write('b.yaml', objectYaml('Pipeline', 'pipe', { tasks: [{ taskRef: 'check' }] }))
    write(
      'c.yaml',
      objectYaml('Task', 'check', { variables: { sure: { default: 'yes' } }, steps: [{ content: 'true' }] }),
    )
    write('d.yaml', objectYaml('Host', 'h', { address: '10.0.0.1' }))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('makes what is run before what runs it, whatever the order of the files', async () => {
    await apply()
    const order = ['host/h', 'task/check', 'pipeline/pipe', 'taskrun/run', 'pipelinerun/piped']
    const versions = await Promise.all(order.map(versionOf))
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
  }, 120_000)

  it('says of one that is wrong where that is, and makes the others', () => {
    expect(said.filter(line => line.startsWith('Not applied'))).toEqual([
      expect.stringMatching(
        /: TaskRun "ops\/wrong" is refused, a\/1\.yaml:18: spec\.taskRfe: there is no field "taskRfe": did you mean "taskRef"\?$/,
      ),
    ])
  })

  it('leaves a text a text that older YAML reads as something else', async () => {
    const sure = ['-o', 'jsonpath={.spec.variables.sure.default}']
    expect(await kubectl(['get', '-n', 'ops', 'task/check', ...sure])).toBe('yes')
  })

  it('changes nothing the second time', async () => {
    const before = await versionOf('taskrun/run')
    await apply()
    expect(await versionOf('taskrun/run')).toBe(before)
  }, 120_000)
})
