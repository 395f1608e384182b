import { afterAll, describe, expect, it } from 'vitest'
import { ownNats } from '../../servers.ts'
import { bearer, look, openDoor, ready } from './door.ts'

const nats = await ownNats()
const bus = await look(nats)
afterAll(() => bus.close())

describe.each(['node', 'framework'] as const)('subject-ingest under %s', async under => {
  const door = await openDoor(nats, { under })
  await ready(door)

  it('takes events in every form', async () => {
    const before = (await bus.stored()).length
    const event = {
      specversion: '1.0',
      id: `${under}-1`,
      source: '/s',
      type: 't',
      subject: 'a',
      data: { n: 1 },
    }
    const answers = [
      await door.post('ops.notifications.providers.AI.channels.webhook.severities.info', { provider: 'AI' }),
      await door.post(
        'nodes.ip-10-0-0-1.ec2.internal.findings',
        {},
        { body: '{"status":"normal","n":9007199254740993}' },
      ),
      await door.post('my-custom-event', { type: 'Mine' }, { headers: basic('for-the-tests-only') }),
      await door.post(
        '',
        {},
        {
          path: '/',
          headers: { ...bearer, 'content-type': 'application/cloudevents+json' },
          body: JSON.stringify(event),
        },
      ),
      await door.post(
        '',
        {},
        {
          path: '/',
          headers: {
            ...bearer,
            'content-type': 'text/plain',
            'ce-specversion': '1.0',
            'ce-id': `${under}-2`,
            'ce-source': '/s%C3%A9',
            'ce-type': 't',
            'ce-subject': 'b.events',
          },
          body: 'größer',
        },
      ),
      await door.post(
        '',
        {},
        {
          path: '/',
          headers: {
            ...bearer,
            'ce-specversion': '1.0',
            'ce-id': `${under}-3`,
            'ce-source': '/s',
            'ce-type': 'without-data',
            'ce-subject': 'b',
          },
          body: '',
        },
      ),
      await door.post(
        '',
        {},
        {
          path: '/',
          headers: { ...bearer, 'content-type': 'application/cloudevents-batch+json' },
          body: JSON.stringify([4, 5].map(id => ({ ...event, id: `${under}-${id}` }))),
        },
      ),
    ]
    expect(answers.map(({ status, message }) => [status, message])).toEqual(
      answers.map(() => [200, 'success']),
    )
    const taken = answers.flatMap(({ data }) => data ?? [])
    const found = (await bus.stored()).slice(before)
    expect(found.map(({ subject }) => subject)).toEqual([
      'ops.notifications.providers.ai.channels.webhook.severities.info',
      'ops.clusters.mycluster.nodes.ip-10-0-0-1_ec2_internal.findings',
      'ops.clusters.mycluster.namespaces.ops-system.my-custom-event',
      'ops.clusters.mycluster.namespaces.ops-system.a',
      'ops.clusters.mycluster.namespaces.ops-system.b.events',
      'ops.clusters.mycluster.namespaces.ops-system.b',
      'ops.clusters.mycluster.namespaces.ops-system.a',
      'ops.clusters.mycluster.namespaces.ops-system.a',
    ])
    expect(found.map(({ event }) => event.id)).toEqual(taken.map(({ id }) => id))
    expect(found[1]?.text).toContain('"data":{"status":"normal","n":9007199254740993}')
    expect(found[2]?.event).toMatchObject({ type: 'Mine', cluster: 'mycluster' })
    expect(found[4]?.event).toMatchObject({ source: '/sé', data: 'größer' })
  })
})

const basic = (token: string) => ({ authorization: `Basic ${btoa(`anyone:${token}`)}` })
