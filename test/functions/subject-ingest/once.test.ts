import { afterAll, expect, it } from 'vitest'

import { ownNats } from '../../servers.ts'
import { tokensFile } from '../../tokens.ts'
import { bearer, look, openDoor, ready } from './door.ts'

const file = tokensFile({ other: { publish: ['>'] } })

const nats = await ownNats()
const bus = await look(nats)
afterAll(() => bus.close())
const door = await openDoor(nats, { env: { SERVER_TOKENS_FILE: file } })
await ready(door)

it('stores one event for one Idempotency-Key', async () => {
  const before = (await bus.stored()).length
  const headers = { ...bearer, 'idempotency-key': 'order-7' }
  const [first, second] = [
    await door.post('a', { n: 1 }, { headers }),
    await door.post('a', { n: 1 }, { headers }),
  ]
  expect(first.data).toMatchObject({ duplicate: false })
  expect(second.data).toEqual({ ...first.data, duplicate: true })
  expect(await bus.stored()).toHaveLength(before + 1)
})

it('stores one event for one id and source of a CloudEvent, and another for another token', async () => {
  const before = (await bus.stored()).length
  const body = JSON.stringify({ specversion: '1.0', id: '1', source: '/s', type: 't', subject: 'a' })
  const type = { 'content-type': 'application/cloudevents+json' }
  const post = (authorization: string) =>
    door.post('', {}, { path: '/', headers: { ...type, authorization }, body })
  const first = await post(bearer.authorization)
  expect((await post(bearer.authorization)).data).toEqual({ ...first.data, duplicate: true })
  expect((await post('Bearer other-token')).data).toMatchObject({ id: '1', duplicate: false })
  expect(await bus.stored()).toHaveLength(before + 2)
})
