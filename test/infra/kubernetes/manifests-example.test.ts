import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { describeManifests, manifestsOf, nameOf } from '../../manifests.ts'
import { NetworkPolicy } from './network.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'ops-events-example-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const Kustomization = z.looseObject({
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  patches: z.array(z.unknown()),
})
const Pods = z.looseObject({
  spec: z.looseObject({
    replicas: z.int().optional(),
    template: z.looseObject({
      spec: z.looseObject({
        priorityClassName: z.string().optional(),
        containers: z.array(z.looseObject({ image: z.string() })),
      }),
    }),
  }),
})

/** What the page shows as settings of one's own: the first to begin with, the second to put into it. */
function shown(page: string): [z.infer<typeof Kustomization>, z.infer<typeof Kustomization>] {
  const text = readFileSync(join(root, 'infra/operate', page), 'utf8')
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => parse(yaml))
  const [first, second] = blocks.filter(block => block.patches).map(block => Kustomization.parse(block))
  if (!first || !second) throw new Error(`${page} shows no settings`)
  return [first, second]
}

describeManifests('the settings of one’s own that the page shows', () => {
  it('are the same in both languages', () => {
    expect(shown('kubernetes.zh-CN.md')).toEqual(shown('kubernetes.md'))
  })

  it('come out as it says', async () => {
    const [own, narrower] = shown('kubernetes.md')
    const here = (path: string) => path.replace('../ops-events', relative(dir, root))
    const whole = {
      ...own,
      resources: own.resources.map(here),
      components: own.components.map(here),
      patches: [...own.patches, ...narrower.patches],
    }
    writeFileSync(join(dir, 'kustomization.yaml'), stringify(whole))
    const objects = new Map((await manifestsOf(dir)).map(object => [nameOf(object), object]))
    const pods = (name: string) => Pods.parse(objects.get(`Deployment/${name}`)).spec
    const policy = (name: string) => NetworkPolicy.parse(objects.get(`NetworkPolicy/${name}`)).spec

    const settings = [...objects.keys()].filter(name => name.startsWith('ConfigMap/ops-config'))
    expect(settings).toHaveLength(1)
    expect(objects.get(settings[0] ?? '')).toMatchObject({
      data: { EVENT_CLUSTER: 'beijing-1', TZ: 'Asia/Shanghai', LOG_LEVEL: 'info' },
    })
    expect(pods('ops-watcher').template.spec).toMatchObject({
      priorityClassName: 'system-cluster-critical',
      containers: [{ image: 'registry.example.com/ops/watcher:0.1.0' }],
    })
    expect(pods('event-store').replicas).toBe(1)
    expect(pods('webhook-deliver').template.spec.containers).toMatchObject([
      { env: [{ name: 'TARGETS_DENY' }] },
    ])
    expect(objects.get('HTTPRoute/ops-api')).toMatchObject({
      spec: { hostnames: ['ops.mine.example'], parentRefs: [{ namespace: 'envoy-gateway-system' }] },
    })
    const narrow = { to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ port: 6443 }] }
    for (const name of ['ops-watcher', 'ops-api-egress', 'postgresql'])
      expect(policy(name).egress[0]).toMatchObject(narrow)
    expect(JSON.stringify(policy('webhook-deliver-egress').egress[0])).toContain('"192.168.0.0/16"')
  })
})
