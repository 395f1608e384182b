import { describe, expect, it } from 'vitest'
import { pipelineProblem } from '../../../../functions/cron-taskrun/pipelines/valid.ts'
import type { Stored } from '../../../../shared/objects.ts'
import { PipelineSpec } from '../../../../shared/resources/pipeline.ts'

const of = (task: string) => `\${tasks.${task}.results.x}`

const task = (content: string): Stored<'Task'> => ({
  kind: 'Task',
  metadata: {
    ...{ name: 't', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 1 },
    creationTimestamp: '2026-01-31T12:00:00Z',
    ...{ labels: {}, annotations: {}, ownerReferences: [] },
  },
  spec: { privileged: false, steps: [{ content }] },
  status: {},
})
const found = new Map([
  ['plain', task('echo x')],
  ['asks-a', task(`echo ${of('a')}`)],
  ['asks-z', task(`echo ${of('z')}`)],
])
const problem = (...tasks: object[]) =>
  pipelineProblem(PipelineSpec.parse({ tasks: tasks.map(one => ({ taskRef: 'plain', ...one })) }), found)

describe('pipelineProblem()', () => {
  it.each<[string, object[]]>([
    ['tasks in their order', [{ name: 'a' }, { name: 'b', variables: { x: of('a') } }]],
    ['a script that asks for what ran before', [{ name: 'a' }, { name: 'b', taskRef: 'asks-a' }]],
    ['a script that speaks of a task of other pipelines', [{ name: 'a', taskRef: 'asks-z' }]],
  ])('finds nothing wrong with %s', (_, tasks) => {
    expect(problem(...tasks)).toBeUndefined()
  })

  it.each<[string, object[], string]>([
    [
      'a name twice',
      [{ name: 'a' }, { name: 'a' }],
      'Two tasks of the pipeline are called "a": give one of them another name',
    ],
    [
      'a Task that is missing',
      [{ name: 'a', taskRef: 'nobody' }],
      'Task "a" of the pipeline is of "nobody", which is not there',
    ],
    [
      'a later one',
      [{ name: 'a', variables: { x: of('b') } }, { name: 'b' }],
      'Task "a" uses results of "b", which runs after it',
    ],
    [
      'a circle',
      [
        { name: 'a', variables: { x: of('b') } },
        { name: 'b', variables: { x: of('a') } },
      ],
      'Task "a" uses results of "b", which runs after it',
    ],
    ['itself', [{ name: 'a', variables: { x: of('a') } }], 'Task "a" uses results of itself'],
    ['itself in its script', [{ name: 'a', taskRef: 'asks-a' }], 'Task "a" uses results of itself'],
    [
      'nobody',
      [{ name: 'a', variables: { x: of('q') } }],
      'Task "a" uses results of "q", which is no task of the pipeline',
    ],
  ])('names what refers to %s', (_, tasks, said) => {
    expect(problem(...tasks)).toBe(said)
  })
})
