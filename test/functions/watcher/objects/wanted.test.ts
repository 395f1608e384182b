import { describe, expect, it } from 'vitest'
import { marks } from '../../../../functions/watcher/objects/wanted.ts'
import { compiledFrom } from '../folder-of.ts'
import { complaints, folderOf, foundIn, objectYaml, taskRunYaml } from './files.ts'

const uidOf = (text: string, path = 'a.yaml') => folderOf({ [path]: text }).wanted[0]?.uid

describe('an object of a folder', () => {
  it('has the defaults of its schema, and says where it is from', () => {
    const [wanted] = folderOf({ 'runs/a.yaml': taskRunYaml('a', { variables: { x: '1' } }) }).wanted
    expect(wanted).toMatchObject({
      once: true,
      object: {
        kind: 'TaskRun',
        metadata: {
          name: 'a',
          namespace: 'ops',
          annotations: { 'ops/from': 'folder', 'ops/file': 'runs/a.yaml' },
        },
        spec: { taskRef: 'check', variables: { x: '1' }, suspend: false, concurrencyPolicy: 'Forbid' },
      },
    })
  })

  it('lies in "default" where it names no namespace', () => {
    const text = taskRunYaml('a').replace(',"namespace":"ops"', '')
    expect(folderOf({ 'a.yaml': text }).wanted[0]?.object.metadata.namespace).toBe('default')
  })

  it('comes after what it needs', () => {
    const text = [
      objectYaml('PipelineRun', 'e', { pipelineRef: 'c' }),
      taskRunYaml('d'),
      objectYaml('Pipeline', 'c', { tasks: [{ taskRef: 'b' }] }),
      objectYaml('Task', 'b', { steps: [{ content: 'true' }] }),
      objectYaml('Host', 'a', { address: '10.0.0.1' }),
    ].join('---\n')
    expect(folderOf({ 'a.yaml': text }).wanted.map(({ object }) => object.metadata.name)).toEqual([
      ...'abcde',
    ])
  })
})

describe('the uid of a run without a crontab', () => {
  const uid = uidOf(taskRunYaml('a', { variables: { x: '1', y: '2' } }))

  it.each([
    ['the order of its fields', taskRunYaml('a', { variables: { y: '2', x: '1' } })],
    ['a comment', `# why\n${taskRunYaml('a', { variables: { x: '1', y: '2' } })}`],
  ])('does not depend on %s', (_, text) => {
    expect(uidOf(text)).toBe(uid)
  })

  it('does not depend on its file', () => {
    expect(uidOf(taskRunYaml('a', { variables: { x: '1', y: '2' } }), 'b/c.yml')).toBe(uid)
  })

  it.each([
    ['of another name', taskRunYaml('b', { variables: { x: '1', y: '2' } })],
    ['of another value', taskRunYaml('a', { variables: { x: '1', y: '3' } })],
    ['with a word more', taskRunYaml('a', { variables: { x: '1', y: '2' }, desc: 'again' })],
    [
      'of another annotation',
      objectYaml(
        'TaskRun',
        'a',
        { taskRef: 'check', variables: { x: '1', y: '2' } },
        { annotations: { again: '1' } },
      ),
    ],
  ])('is another one %s', (_, text) => {
    expect(uidOf(text)).toMatch(/^[0-9a-f-]{36}$/)
    expect(uidOf(text)).not.toBe(uid)
  })
})

describe('the uid of one with a crontab', () => {
  it('stays whatever it holds', () => {
    const [one, other] = ['@hourly', '30 * * * *'].map(crontab => uidOf(taskRunYaml('a', { crontab })))
    expect(one).toBe(other)
    expect(one).not.toBe(uidOf(taskRunYaml('a')))
  })
})

const step = { content: 'true' }
const refusals: [string, string, string][] = [
  [
    'a field that is missing',
    objectYaml('TaskRun', 'a', { desc: 'x' }),
    'a.yaml:4 TaskRun ops/a spec.taskRef: it is missing (Name of the Task, in the same namespace)',
  ],
  [
    'a field that there is none of',
    taskRunYaml('a', { crontabs: '@hourly' }),
    'a.yaml:6 TaskRun ops/a spec.crontabs: there is no field "crontabs": did you mean "crontab"?',
  ],
  [
    'a number where text has to be',
    taskRunYaml('a', { desc: 5 }),
    'a.yaml:6 TaskRun ops/a spec.desc: it is 5, a number, it has to be text: write it in quotes, "5"',
  ],
  [
    'a value that may be secret, without showing it',
    taskRunYaml('a', { variables: { pin: 4711 } }),
    'a.yaml:6 TaskRun ops/a spec.variables.pin: it is a number, it has to be text: write it in quotes',
  ],
  [
    'the password of a host, without showing it',
    objectYaml('Host', 'a', { address: 'h', password: 4711 }),
    'a.yaml:6 Host ops/a spec.password: it is a number, it has to be text: write it in quotes',
  ],
  [
    'the name of a step that stands twice',
    objectYaml('Task', 'a', { steps: [{ name: 'x', ...step }, step, { name: 'x', ...step }] }),
    'a.yaml:5 Task ops/a spec.steps[2].name: it is "x", which another one of the steps is called too',
  ],
  [
    'the name of a task that stands twice',
    objectYaml('Pipeline', 'a', {
      tasks: [
        { name: 'x', taskRef: 'a' },
        { name: 'x', taskRef: 'b' },
      ],
    }),
    'a.yaml:5 Pipeline ops/a spec.tasks[1].name: it is "x", which another one of the tasks is called too',
  ],
  [
    'a mount of two things',
    objectYaml('Task', 'a', {
      steps: [step],
      mounts: [{ hostPath: '/a', mountPath: '/b', secret: { name: 's', mountPath: '/c' } }],
    }),
    'a.yaml:6 Task ops/a spec.mounts[0]: a mount has either hostPath, secret or configMap',
  ],
  [
    'a name that Kubernetes would not take',
    taskRunYaml('My_Run'),
    'a.yaml:3 TaskRun ops/My_Run metadata.name: it is "My_Run": a Kubernetes name has lower-case letters, digits and "-"',
  ],
  [
    'another version',
    taskRunYaml('a').replace('com/v1', 'com/v2'),
    'a.yaml:1 TaskRun ops/a apiVersion: it is "crd.chenshaowen.com/v2", it has to be crd.chenshaowen.com/v1',
  ],
  [
    'a kind like ours',
    taskRunYaml('a').replace('TaskRun', 'Taskrun'),
    'a.yaml:2 TaskRun ops/a kind: there is no kind "Taskrun": did you mean "TaskRun"?',
  ],
  [
    'more than fits',
    objectYaml('Task', 'a', { steps: [{ content: 'x'.repeat(600_000) }] }),
    'a.yaml:4 Task ops/a spec: it has 600045 bytes, at most 524288 are allowed',
  ],
  [
    'a name that is taken',
    `${taskRunYaml('a')}---\n${taskRunYaml('a', { desc: 'x' })}`,
    'a.yaml:9 TaskRun ops/a metadata.name: it is taken: a.yaml:3, document 1, has the same namespace and name',
  ],
]

describe('what is refused says where, what, and what would be right', () => {
  it.each(refusals)('%s', (_, text, said) => {
    expect(complaints(folderOf({ 'a.yaml': text }))).toEqual([said])
    // Who takes in the hooks says nothing of it.
    expect(compiledFrom(text).refused).toEqual([])
  })

  it('costs no other document of the file', () => {
    const text = [taskRunYaml('a', { taskRef: '' }), taskRunYaml('b')].join('---\n')
    const { wanted } = folderOf({ 'a.yaml': text })
    expect(wanted.map(({ object }) => object.metadata.name)).toEqual(['b'])
  })
})

describe('resources of others that are called like ours', () => {
  it('are none of ours', () => {
    const text = taskRunYaml('a').replace('crd.chenshaowen.com/v1', 'tekton.dev/v1')
    expect(folderOf({ 'a.yaml': text })).toMatchObject({ wanted: [], refused: [] })
    expect(compiledFrom(text)).toMatchObject({ refused: [], ignored: [{ what: 'TaskRun of tekton.dev/v1' }] })
  })
})

describe('everything that the older system knew', () => {
  const documents = {
    Task: {
      desc: 'd',
      host: 'anymaster',
      variables: {
        a: {
          ...{ default: '1', display: 'A', value: '1', desc: 'd', regex: '^[0-9]$', required: true },
          ...{ enums: ['1'], examples: ['1'] },
        },
        b: {},
      },
      steps: [
        {
          ...{ when: '1 == 1', name: 'first-step', content: 'echo $a', localfile: 'l', remotefile: 'r' },
          ...{ direction: 'upload', allowfailure: 'true', timeoutSeconds: 5, runtimeImage: 'i' },
        },
        {},
      ],
      runtimeImage: 'i',
      ttlSecondsAfterFinished: 60,
      mounts: [
        { hostPath: '/a', mountPath: '/a' },
        { secret: { name: 's', mountPath: '/s' } },
        { configMap: { name: 'c', mountPath: '/c' } },
      ],
    },
    TaskRun: { desc: 'd', crontab: '0 * * * *', variables: { a: '1' }, taskRef: 't', runtimeImage: 'i' },
    Pipeline: {
      desc: 'd',
      variables: { a: { default: '1' } },
      tasks: [
        {
          ...{ name: 'n', desc: 'd', taskRef: 't', runtimeImage: 'i', allowFailure: true, runAlways: true },
          ...{ results: { key: 'step' }, variables: { a: '1' } },
        },
      ],
      runtimeImage: 'i',
      ttlSecondsAfterFinished: 60,
    },
    PipelineRun: { desc: 'd', crontab: '@every 5m', variables: { a: '1' }, pipelineRef: 'p' },
    Host: {
      ...{ desc: 'd', address: '10.0.0.1', port: 22, username: 'root', password: 'cA==', privateKey: 'aw==' },
      ...{ privateKeyPath: '~/.ssh/id_rsa', timeoutSeconds: 10, secretRef: 's' },
    },
    Cluster: { desc: 'd', server: 'https://10.0.0.1:6443', config: 'Yw==', token: 't' },
  }

  it.each(Object.entries(documents))('of a %s is taken', (kind, spec) => {
    const folder = folderOf({ 'a.yaml': objectYaml(kind, 'a', spec) })
    expect(complaints(folder)).toEqual([])
    expect(folder.wanted[0]?.object.spec).toMatchObject(spec)
  })
})

describe('speaksOf()', () => {
  const [a, b] = folderOf({ 'a.yaml': `${taskRunYaml('a')}---\n${taskRunYaml('b')}` }).wanted
  const keptOf = (one: typeof a) => {
    if (!one) throw new Error('There is no such object')
    const { kind, metadata, spec } = one.object
    const { labels = {}, annotations = {}, name, namespace } = metadata
    return {
      revision: 1,
      whole: {
        ...{ apiVersion: 'crd.chenshaowen.com/v1', kind, spec, status: {} },
        metadata: {
          ...{ name, namespace, labels, annotations, uid: one.uid, generation: 1, ownerReferences: [] },
          ...{ creationTimestamp: '2026-01-31T12:00:00Z', managedFields: [] },
        },
      },
    }
  }
  const speaks = (files: Record<string, string>) =>
    [a, b].map(one => folderOf(files).speaksOf(keptOf(one))).join(' ')

  it.each([
    ['of what is there, wherever', { 'b.yaml': taskRunYaml('b') }, 'false true'],
    ['of what is refused now', { 'a.yaml': taskRunYaml('a', { taskRef: '' }) }, 'true false'],
    [
      'of what is of no known kind now',
      { 'a.yaml': taskRunYaml('a').replace('TaskRun', 'Run') },
      'true false',
    ],
    ['of what has lost its kind', { 'a.yaml': taskRunYaml('a').replace('kind: TaskRun', '') }, 'true false'],
    ['of all of a file that cannot be read', { 'a.yaml': `${taskRunYaml('a')}  "` }, 'true true'],
    [
      'of all of a file where one has lost its name',
      { 'a.yaml': objectYaml('TaskRun', '', {}) },
      'true true',
    ],
    ['of nothing where another file cannot be read', { 'b.yaml': '"' }, 'false false'],
    [
      'of nothing where the name is one of another kind',
      { 'a.yaml': objectYaml('Host', 'a', { address: 'h' }) },
      'false false',
    ],
  ])('%s', (_, files, said) => {
    expect(speaks(files)).toBe(said)
  })

  it('goes by the file that the object is from', () => {
    expect(keptOf(a).whole.metadata.annotations).toEqual({ [marks.from]: 'folder', [marks.file]: 'a.yaml' })
    expect(foundIn({ 'a.yaml': '"' })).toMatchObject([{ file: 'a.yaml' }])
  })
})
