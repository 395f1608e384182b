import { describe, expect, it } from 'vitest'
import { forbidden } from '../../../../functions/cron-taskrun/kubernetes/privileged.ts'
import { TaskSpec } from '../../../../shared/resources/task.ts'

const task = (over: object) => TaskSpec.parse({ steps: [{ content: 'x' }], ...over })
const hostPath = {
  mounts: [{ secret: { name: 's', mountPath: '/s' } }, { hostPath: '/etc', mountPath: '/e' }],
}

describe('forbidden()', () => {
  it.each([
    ['a Task that asks for nothing', {}, undefined],
    ['Secrets and ConfigMaps', { mounts: [{ configMap: { name: 'c', mountPath: '/c' } }] }, undefined],
    [
      'the node itself',
      { privileged: true },
      /^The Task asks to run on the nodes themselves .*"ops".* PRIVILEGED_NAMESPACES/,
    ],
    ['a path of the node', hostPath, /^The Task asks for a path of the nodes \("hostPath"\)/],
  ])('judges %s', (_, over, problem) => {
    const said = forbidden(task(over), 'ops', ['nodes'])
    if (problem) expect(said).toMatch(problem)
    else expect(said).toBeUndefined()
    expect(forbidden(task(over), 'nodes', ['nodes'])).toBeUndefined()
  })
})
