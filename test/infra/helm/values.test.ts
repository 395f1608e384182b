import { describe, expect, it } from 'vitest'
import { objectsIn } from '../../manifests.ts'
import { needing } from '../../needing.ts'
import { comparable } from './comparable.ts'
import { chart, ownHelm, rendered } from './helm.ts'

// [what somebody sets, what is said]
const wrong: [string, string][] = [
  ['platform=swarm', "at '/platform': value must be one of 'knative', 'kubernetes', 'openfaas', 'leaf'"],
  ['plattform=knative', "additional properties 'plattform' not allowed"],
  [
    'processes.hook-evaluate.replcas=2',
    "at '/processes/hook-evaluate': additional properties 'replcas' not allowed",
  ],
  ['processes.watcher.replicas=two', "at '/processes/watcher/replicas': got string, want integer"],
  ['processes.bridge=null', "at '/processes': missing property 'bridge'"],
  ['tls.ca=ops-ca', "at '/tls/ca': got string, want boolean"],
  ['streams.replicas=2', "at '/streams/replicas': value must be one of 1, 3, 5"],
  ['redis.url=redis://me:guess@redis', "at '/redis/url'"],
  [
    'gateway.enabled=true',
    'gateway.enabled is for platform kubernetes: on knative the functions have URLs of the platform',
  ],
  ['platform=leaf,leafClusters={edge1}', 'leafClusters is for the main cluster'],
  ['platform=leaf,secrets.create=true', 'secrets.create is not for platform leaf'],
  ['nats.url=nats://nats.example.com:4222', '`npm run ops -- secrets make --nats host:port`'],
]

needing(['Helm'], () =>
  describe('of the values', async () => {
    const helm = await ownHelm()

    it.each(wrong)('%s is refused', async (set, said) => {
      const { ok, output } = await helm(['template', chart, '--set', set])
      expect(ok).toBe(false)
      expect(output).toContain(said)
    })

    it.each(['dev', 'prod'])('helm lint finds nothing wrong with the chart, %s', async size => {
      expect(
        await helm(['lint', '--strict', chart, '--values', `${chart}/values-${size}.yaml`]),
      ).toMatchObject({
        ok: true,
      })
    })

    it.each([
      ['knative', ['secrets make', 'get ksvc -n ops subject-ingest']],
      ['kubernetes', ['secrets make', 'service/subject-ingest']],
      ['openfaas', ['secrets make --namespace ops --for openfaas', 'faas-cli up']],
      ['leaf', ['secrets leaf']],
    ])('the next step is said for %s', async (platform, steps) => {
      const installing = ['install', 'ops', chart, '--dry-run=client', '--namespace', 'ops']
      const { output } = await helm([...installing, '--set', `platform=${platform}`])
      const notes = output.slice(output.indexOf('NOTES:'))
      for (const step of steps) expect(notes).toContain(step)
      expect(notes).not.toContain('ops-system')
    })

    it('leaf clusters are named to those who take their events, and let in', async () => {
      const objects = objectsIn(await rendered(helm, ['--set', 'leafClusters={edge1,edge2}']))
      const named = (kind: string, name: string) =>
        objects.find(object => object.kind === kind && object.metadata.name === name)
      expect(named('ConfigMap', 'ops-config')).toMatchObject({ data: { LEAF_CLUSTERS: 'edge1,edge2' } })
      expect(named('NetworkPolicy', 'nats-links')).toBeDefined()
    })

    it('what servers with TLS need is told to all processes, where Pods have it', async () => {
      const own = 'tls.ca=true,tls.certificates=true,nats.credentials=true'
      const objects = objectsIn(await rendered(helm, ['--set', own]))
      const settings = objects.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'ops-config',
      )
      expect(settings).toMatchObject({
        data: {
          NODE_EXTRA_CA_CERTS: '/etc/ops-events/ca/ca.crt',
          TLS_CERT_FILE: '/etc/ops-events/identity/tls.crt',
          TLS_KEY_FILE: '/etc/ops-events/identity/tls.key',
          NATS_CREDS_FILE: '/etc/ops-events/identity/nats.creds',
        },
      })
    })

    it('a process gets what its values say, on Knative as elsewhere', async () => {
      const watch = { drop: [{ reason: 'Pulled' }] }
      const own = (name: string) => ({
        image: { repository: `registry.example.com/${name}`, digest: `sha256:${'a'.repeat(64)}` },
        env: { EXTRA: 'yes' },
        extraEnv: [{ name: 'HTTPS_PROXY', valueFrom: { configMapKeyRef: { name: 'proxy', key: 'url' } } }],
        existingSecret: 'mine',
        nodeSelector: { pool: 'ops' },
        tolerations: [{ key: 'ops', operator: 'Exists' }],
        annotations: { 'example.com/team': 'ops' },
      })
      const values = {
        image: { pullSecrets: [{ name: 'registry' }] },
        files: { watch },
        processes: { watcher: own('watcher'), 'ops-api': own('ops-api') },
      }
      const objects = objectsIn(await rendered(helm, ['--set-json', JSON.stringify(values)].flat()))
      for (const [kind, name] of [
        ['Deployment', 'ops-watcher'],
        ['Service', 'ops-api'],
      ]) {
        const one = objects.find(({ kind: is, metadata }) => is === kind && metadata.name === name)
        expect(one).toMatchObject({
          spec: {
            template: {
              metadata: { annotations: { 'example.com/team': 'ops' } },
              spec: {
                imagePullSecrets: [{ name: 'registry' }],
                nodeSelector: { pool: 'ops' },
                tolerations: [{ key: 'ops', operator: 'Exists' }],
                containers: [
                  {
                    image: expect.stringMatching(/^registry\.example\.com\/[\w-]+@sha256:a{64}$/),
                    envFrom: [{ configMapRef: { name: 'ops-config' } }, { secretRef: { name: 'mine' } }],
                    env: expect.arrayContaining([{ name: 'EXTRA', value: 'yes' }, own('').extraEnv[0]]),
                  },
                ],
              },
            },
          },
        })
      }
      expect(comparable(objects)).toMatchObject({
        'ConfigMap/ops-system/ops-watch': { data: { 'watch.yaml': watch } },
      })
    })
  }),
)
