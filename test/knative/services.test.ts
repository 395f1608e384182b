import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { functionNames } from '../../infra/install/secrets.ts'
import { makeNodes } from '../../infra/local/kubernetes/kubectl.ts'
import { describeOnKubernetes } from '../kubernetes.ts'
import { builtYaml } from '../manifests.ts'
import { needing } from '../needing.ts'
import { ownKnative } from './install.ts'

const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        containers: z.array(z.object({ name: z.string(), volumeMounts: z.array(z.unknown()).default([]) })),
        terminationGracePeriodSeconds: z.number(),
      }),
      status: z.object({ phase: z.string() }),
    }),
  ),
})
const spread = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }
const strict = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--warnings-as-errors']

needing(['Knative Serving'], () =>
  describeOnKubernetes('Knative Serving', { controllers: true }, async cluster => {
    const { kubectl } = cluster
    const { run } = await ownKnative(cluster, 'serving')
    await run('controller')

    it.each(['dev', 'prod'])('admits overlay %s, field by field and without a warning', async overlay => {
      const applied = await kubectl([...strict, '-f', '-'], await builtYaml(`knative/overlays/${overlay}`))
      for (const name of functionNames)
        expect(applied).toContain(`service.serving.knative.dev/${name} serverside-applied`)
    })

    it.each([
      ['a port called http', { ports: [{ name: 'http', containerPort: 8080 }] }, {}],
      ['the variable PORT', { env: [{ name: 'PORT', value: '8080' }] }, {}],
      ['a hook before the end', { lifecycle: { preStop: { sleep: { seconds: 5 } } } }, {}],
      ["an account's token by its own word", {}, { automountServiceAccountToken: true }],
      ['a security context of the pod', {}, { securityContext: { runAsNonRoot: true } }],
      ['a spread over nodes', {}, { topologySpreadConstraints: [spread] }],
      ['eleven minutes for a request', {}, { timeoutSeconds: 660 }],
    ])('refuses %s, by its flags as they are by default', async (_, ofContainer, ofPod) => {
      const service = parse(readFileSync('knative/base/hook-evaluate.yaml', 'utf8'))
      Object.assign(service.spec.template.spec, ofPod)
      Object.assign(service.spec.template.spec.containers[0], ofContainer)
      const applied = kubectl([...strict, '--dry-run=server', '-f', '-'], stringify(service))
      await expect(applied).rejects.toThrow(/validation\.webhook\.serving|not declared in schema/)
    })

    describe('with overlay prod', () => {
      beforeAll(async () => {
        await makeNodes(cluster, 1)
        await kubectl([...strict, '-f', '-'], await builtYaml('knative/overlays/prod'))
      })

      it('makes a pod of each function, and the restricted namespace lets them run', async () => {
        await vi.waitFor(async () => {
          const { items } = await pods()
          const running = items.filter(({ status }) => status.phase === 'Running')
          // Each overlay is a revision of its own, with a pod of its own.
          expect(namesOf(running)).toEqual(functionNames.toSorted())
          for (const { spec } of running) expect(spec.containers).toHaveLength(2)
        }, 60_000)
      })

      it('ends no pod before its proxy has let go and the function has answered', async () => {
        const { items } = await pods()
        for (const { spec } of items) expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(30 + 25)
      })

      it('gives the token of an account to those that ask the API server, and to no other', async () => {
        const { items } = await pods()
        const having = items.filter(({ spec }) => JSON.stringify(spec).includes('serviceaccount'))
        expect(namesOf(having)).toEqual(['cron-taskrun', 'ops-api'])
      })
    })

    const ours = ['-n', 'ops-system', '-l', 'app.kubernetes.io/component=function']
    const pods = async () => Pods.parse(JSON.parse(await kubectl(['get', 'pods', ...ours, '-o', 'json'])))
  }),
)

const namesOf = (pods: z.infer<typeof Pods>['items']) =>
  [...new Set(pods.map(({ metadata }) => metadata.labels['app.kubernetes.io/name']))].sort()
