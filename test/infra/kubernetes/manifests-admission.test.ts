import { beforeAll, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { makeNodes } from '../../../infra/local/kubernetes/kubectl.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'
import { builtYaml, Manifest, nameOf, objectsIn } from '../../manifests.ts'
import { needing } from '../../needing.ts'
import { foreignCrds } from './foreign-crds.ts'

const overlays = [
  ...['infra/kubernetes/overlays/dev', 'infra/kubernetes/overlays/prod'],
  ...['knative/overlays/dev', 'knative/overlays/prod', 'knative/eventing', 'infra/openfaas'],
  ...['infra/kubernetes/leaf', 'infra/kubernetes/leaf-main'],
  ...['infra/prometheus', 'infra/kubernetes/gateway', 'infra/kubernetes/watcher/secrets'],
]
const List = z.object({ items: z.array(z.looseObject({ status: z.looseObject({}) })) })
const strict = ['apply', '--server-side', '--validate=strict', '--warnings-as-errors']

needing(['the CRDs of others'], () =>
  describeOnKubernetes('an API server', { controllers: true }, cluster => {
    const { kubectl } = cluster
    const inside = async (...args: string[]) =>
      List.parse(JSON.parse(await kubectl(['get', '-n', 'ops-system', '-o', 'json', ...args]))).items

    beforeAll(async () => {
      await kubectl(['apply', '--server-side', ...(await foreignCrds()).flatMap(file => ['-f', file])])
      await kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
      // OpenFaaS brings it along.
      await kubectl(['create', 'namespace', 'openfaas-fn'])
      await makeNodes(cluster, 3)
      for (const node of [1, 2, 3])
        await kubectl(['label', 'node', `node-${node}`, `topology.kubernetes.io/zone=zone-${node}`])
    })

    it.each(overlays)('admits %s without a warning, and keeps all of it', async overlay => {
      const yaml = await builtYaml(overlay)
      await kubectl([...strict, '--force-conflicts', '-f', '-'], yaml)
      const { items } = z
        .object({ items: z.array(Manifest) })
        .parse(JSON.parse(await kubectl(['get', '-o', 'json', '-f', '-'], yaml)))
      const found = new Map(items.map(object => [keyOf(object), object]))
      for (const object of objectsIn(yaml).filter(isPlain))
        expect(found.get(keyOf(object)), keyOf(object)).toMatchObject(object)
    })

    it('would say so of a pod that is not restricted, and of a field that is not there', async () => {
      const apply = (object: object) => kubectl([...strict, '--dry-run=server', '-f', '-'], stringify(object))
      const metadata = { name: 'other', namespace: 'ops-system' }
      const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } }
      const spec = { selector: { matchLabels: { a: 'b' } }, template }
      const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }
      await expect(apply(deployment)).rejects.toThrow('would violate PodSecurity "restricted:latest"')
      const service = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata }
      await expect(apply({ ...service, spec: { templates: template } })).rejects.toThrow(
        '.spec.templates: field not declared in schema',
      )
    })

    describe('with plain Kubernetes in prod', () => {
      beforeAll(async () => {
        await kubectl(
          [...strict, '--force-conflicts', '-f', '-'],
          await builtYaml('infra/kubernetes/overlays/prod'),
        )
        await kubectl(['rollout', 'status', 'deployment', '-n', 'ops-system', '--timeout=120s'])
      })

      it('lets two of each process run, those always on apart from each other', async () => {
        await vi.waitFor(async () => expect(await inside('pods')).toHaveLength(16), 60_000)
        for (const name of ['ops-watcher', 'ops-bridge']) {
          const nodes = (await inside('pods', '-l', `app.kubernetes.io/name=${name}`)).map(({ spec }) => spec)
          expect(
            new Set(nodes.map(spec => z.object({ nodeName: z.string() }).parse(spec).nodeName)).size,
          ).toBe(2)
        }
      })

      it('lets one of each be drained at a time', async () => {
        await vi.waitFor(async () => {
          const budgets = await inside('poddisruptionbudgets')
          expect(budgets).toHaveLength(8)
          for (const { status } of budgets)
            expect(status).toMatchObject({ expectedPods: 2, currentHealthy: 2, disruptionsAllowed: 1 })
        })
      })

      it('can scale what has an autoscaler', async () => {
        await vi.waitFor(async () => {
          const scalers = await inside('horizontalpodautoscalers')
          expect(scalers).toHaveLength(3)
          for (const { status } of scalers)
            expect(status.conditions).toContainEqual(
              expect.objectContaining({ type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale' }),
            )
        })
      })

      it('refuses a pod there that is not restricted, and lets a run be root in the namespace of runs', async () => {
        const pod = (namespace: string) =>
          stringify({
            ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace } },
            spec: { containers: [{ name: 'root', image: 'ubuntu:22.04' }] },
          })
        const create = (namespace: string) =>
          kubectl(['create', '--dry-run=server', '-f', '-'], pod(namespace))
        await expect(create('ops-system')).rejects.toThrow('violates PodSecurity "restricted:latest"')
        expect(await create('ops-runs')).toContain('created')
      })
    })
  }),
)

const keyOf = (object: Manifest) =>
  `${object.metadata.namespace ?? ''} ${object.apiVersion} ${nameOf(object)}`

// The server leaves an empty `properties` out of these.
const isPlain = ({ kind }: Manifest) => kind !== 'CustomResourceDefinition'
