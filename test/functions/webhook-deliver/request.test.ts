import { expect, it } from 'vitest'
import type { Opened } from '../../../functions/webhook-deliver/destination.ts'
import { requestOf } from '../../../functions/webhook-deliver/request.ts'
import { elasticsearch } from '../../../functions/webhook-deliver/sinks/elasticsearch.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import { compiledHook } from '../../compiled-hook.ts'

const to: Opened = {
  hook: compiledHook('ops/a', { type: 'elasticsearch' }),
  sink: elasticsearch,
  url: new URL('http://search.example/events'),
  ...{ options: {}, additional: '', headers: {}, keys: [] },
}
const delivery = (id: string, hops?: number): Delivery => ({
  ...{ specversion: '1.0', id, source: '/s', type: 't', subject: 'ops.a', time: '2026-01-31T12:00:00Z' },
  ...{ hook: 'ops/a', hookrevision: 'r', deliveryid: `d-${id}`, ...(hops !== undefined && { hops }) },
})

it.each([
  [[delivery('1')], '1'],
  [[delivery('1', 3)], '4'],
  [[delivery('1', 3), delivery('2'), delivery('3', 7)], '8'],
])('tells how many hooks are behind a notification, itself included', (deliveries, hops) => {
  const request = requestOf(deliveries, to, { now: 0, timeZone: 'UTC' })
  expect('headers' in request && request.headers['ops-hops']).toBe(hops)
})
