import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { freePorts } from '../../infra/local/ports.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { eventMessage } from '../../shared/event-message.ts'
import { givenToken } from '../../shared/token.ts'
import { openReceiver } from '../chain.ts'
import { startDoor } from '../functions/door.ts'
import { describeOnKubernetes } from '../kubernetes.ts'
import { manifestsOf } from '../manifests.ts'
import { needing } from '../needing.ts'
import { quiet } from '../quiet.ts'
import { ownNats } from '../servers.ts'
import { ownKnative } from './install.ts'

const namespace = 'ops-subscribers'
const event = (id: string, of: object) => ({
  ...{ specversion: '1.0' as const, id, source: 'https://example.com/cluster', type: 'Kube' },
  ...{ datacontenttype: 'application/json', data: { message: id } },
  subject: 'ops.clusters.mycluster.namespaces.shop.pods.cart.events',
  time: '2026-01-31T12:00:00Z',
  ...of,
})

needing(['Knative Eventing'], () =>
  describeOnKubernetes('Knative Eventing', {}, async cluster => {
    const { kubectl } = cluster
    const { run } = await ownKnative(cluster, 'eventing')
    const [nats, subscriber] = await Promise.all([ownNats(), openReceiver()])
    const [ingress = 0, ingressTls = 0, filter = 0, filterTls = 0] = await freePorts(4)
    const dir = await mkdtemp(join(tmpdir(), 'ops-events-eventing-'))
    afterAll(() => rm(dir, { recursive: true, force: true }))
    const status = (kind: string, name: string, value: object) =>
      kubectl([
        ...['patch', '-n', namespace, kind, name, '--subresource=status', '--type=merge'],
        ...['-p', JSON.stringify({ status: value })],
      ])

    it('admits the Broker of the overlay and the example of a Trigger, field by field', async () => {
      const objects = await manifestsOf('knative/overlays/eventing')
      const own = objects.filter(({ metadata }) => [metadata.namespace, metadata.name].includes(namespace))
      expect(own.map(({ kind }) => kind).sort()).toEqual(['Broker', 'ConfigMap', 'Namespace'])
      const strict = ['apply', '--server-side', '--validate=strict', '--warnings-as-errors', '-f', '-']
      expect(await kubectl(strict, own.map(object => stringify(object)).join('---\n'))).toContain(
        'broker.eventing.knative.dev/ops serverside-applied',
      )
      const [example, functions] = await Promise.all(
        ['example', 'functions'].map(name => readFile(`knative/eventing/${name}.yaml`, 'utf8')),
      )
      for (const yaml of [example, functions])
        expect(await kubectl(strict, yaml)).toContain('trigger.eventing.knative.dev/')
    })

    it('a Trigger gets what it asks for of all that the bridge hands to the Broker', async () => {
      const trigger = JSON.parse(
        await kubectl(['get', 'trigger', '-n', namespace, 'pods-in-trouble', '-o', 'json']),
      )
      // As its controllers would; in place of a channel the ingress asks the filter of the only Trigger.
      const asked = `http://127.0.0.1:${filter}/triggers/${namespace}/pods-in-trouble/${trigger.metadata.uid}`
      await status('broker', 'ops', { annotations: { 'knative.dev/channelAddress': asked } })
      await status('trigger', 'pods-in-trouble', {
        subscriberUri: `${subscriber.url}/pager`.replace('//', '//bridge:a-token@'),
      })
      await run('ingress', { INGRESS_PORT: String(ingress), INGRESS_PORT_HTTPS: String(ingressTls) })
      await run('filter', { FILTER_PORT: String(filter), FILTER_PORT_HTTPS: String(filterTls) })

      const [row] = parse(await readFile('knative/eventing/triggers.yaml', 'utf8'))
      const sink = new URL(row.sink.uri)
      expect(sink.hostname).toBe('broker-ingress.knative-eventing.svc')
      const file = join(dir, 'triggers.yaml')
      await writeFile(
        file,
        stringify([{ ...row, sink: { uri: `http://127.0.0.1:${ingress}${sink.pathname}` } }]),
      )
      const env = { EVENT_ENDPOINT: nats.url, EVENT_CLUSTER: 'mycluster', TRIGGERS_FILE: file }
      const bridge = await startDoor('bridge', { env })
      afterAll(() => bridge.stop())

      const bus = openNats(nats.url, 'test', quiet)
      afterAll(() => bus.close())
      const { publish } = publisherOver(bus)
      const elsewhere = 'ops.clusters.mycluster.nodes.n.events'
      const events = [
        event('fine', { severitytext: 'INFO' }),
        event('elsewhere', { severitytext: 'ERROR', subject: elsewhere }),
        event('broken', { severitytext: 'ERROR', cluster: 'mycluster' }),
      ]
      for (const one of events) await publish(eventMessage(one))
      await vi.waitFor(() => expect(subscriber.calls).toHaveLength(1), 30_000)
      const [call] = subscriber.calls
      expect(call).toMatchObject({ path: '/pager', body: '{"message":"broken"}' })
      expect(call?.headers).toMatchObject({
        ...{ 'ce-id': 'broken', 'ce-severitytext': 'ERROR', 'ce-cluster': 'mycluster' },
        'ce-subject': 'ops.clusters.mycluster.namespaces.shop.pods.cart.events',
      })
      // So a function of ours could be called by a Trigger.
      expect(givenToken(call?.headers.authorization)).toBe('a-token')
    })
  }),
)
