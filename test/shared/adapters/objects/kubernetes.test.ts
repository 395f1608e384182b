import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { openKubernetes } from '../../../../shared/adapters/kubernetes.ts'
import { objectsInCluster } from '../../../../shared/adapters/objects/kubernetes.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { objectsContract } from './contract.ts'

const crds = fileURLToPath(new URL('../../../../infra/crds', import.meta.url))
const greatestPort = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/port/maximum'

describeOnKubernetes('objectsInCluster()', { controllers: true }, cluster => {
  const { kubectl } = cluster
  const open = () =>
    objectsInCluster(
      openKubernetes(
        {
          server: cluster.url,
          tls: { ca: cluster.ca },
          credentials: async () => ({ authorization: `Bearer ${cluster.token}` }),
        },
        { rate: 1_000, burst: 1_000 },
      ).json,
    )
  const objects = open()
  const draft = {
    kind: 'TaskRun',
    metadata: { name: 'a', namespace: 'nowhere' },
    spec: { taskRef: 'a' },
  } as const

  describe('without the CRDs', () => {
    it.each([
      ['get()', () => objects.get('TaskRun', 'ops', 'a')],
      ['list()', () => objects.list('TaskRun')],
      ['create()', () => objects.create(draft)],
    ])('says in %s that they are missing', async (_, ask) => {
      await expect(ask()).rejects.toThrow('The cluster does not know TaskRun: apply infra/crds/taskruns.yaml')
    })
  })

  describe('with the CRDs', () => {
    beforeAll(async () => {
      await kubectl(['apply', '--server-side', '-f', crds])
      await kubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all'])
      for (const name of ['ops', 'listed-a', 'listed-b', 'odd']) await kubectl(['create', 'namespace', name])
    }, 180_000)

    it('refuses to make something in a namespace that is not there', async () => {
      await expect(objects.create(draft)).rejects.toThrow(
        'Cannot make TaskRun "nowhere/a": namespaces "nowhere" not found',
      )
    })

    objectsContract({
      objects,
      other: open(),
      async plant({ name, namespace }) {
        const patch = JSON.stringify([{ op: 'remove', path: greatestPort }])
        await kubectl(['patch', 'crd', 'hosts.crd.chenshaowen.com', '--type=json', '-p', patch])
        const host = {
          ...{ apiVersion: 'crd.chenshaowen.com/v1', kind: 'Host', metadata: { name, namespace } },
          spec: { address: '10.0.0.1', port: 99_999 },
        }
        // The API server takes a moment to go by the new schema.
        await expect
          .poll(() => kubectl(['create', '-f', '-'], JSON.stringify(host)).then(() => 'made', String), {
            timeout: 30_000,
          })
          .toBe('made')
      },
    })
  })
})
