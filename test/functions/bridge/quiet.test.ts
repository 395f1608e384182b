import { describe, expect, it } from 'vitest'
import { ownFunctions, quietSubjects } from '../../../functions/bridge/quiet.ts'
import { functionNames } from '../../../infra/install/secrets.ts'

describe('quietSubjects()', () => {
  const quiet = quietSubjects('c1', 'ops-system', ['hook-evaluate', 'ingest'])

  it.each([
    ['ops.clusters.c1.namespaces.ops-system.pods.hook-evaluate-00001-abc.events', true],
    ['ops.clusters.c1.namespaces.ops-system.deployments.hook-evaluate.events', true],
    ['ops.clusters.c1.namespaces.ops-system.pods.hook-evaluator.events', false],
    ['ops.clusters.c1.namespaces.other.pods.hook-evaluate-1.events', false],
    ['ops.clusters.c2.namespaces.ops-system.pods.hook-evaluate-1.events', false],
    ['ops.clusters.c1.nodes.hook-evaluate-1.events', false],
    ['deliveries.ops-system.hook', false],
  ])('takes %s for one of ours: %s', (subject, is) => expect(quiet(subject)).toBe(is))
})

it('is told of each function', () => {
  expect(ownFunctions.split(',').sort()).toEqual(functionNames.toSorted())
})
