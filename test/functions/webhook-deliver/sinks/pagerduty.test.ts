import { describe, expect, it } from 'vitest'
import { pagerduty } from '../../../../functions/webhook-deliver/sinks/pagerduty.ts'
import { isObject } from '../../../../shared/json.ts'
import { serviceOf, told } from './service.ts'
import { shipment } from './shipments.ts'

const { send } = serviceOf(pagerduty)
const options = { routing_key: 'R'.repeat(32) }
const yes = { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: 'k' } }
const { event } = shipment()
const withReason = (reason: string, more = {}) => ({
  event: { ...event, data: { ...(isObject(event.data) ? event.data : {}), reason, ...more } },
})
const keyOf = (body: unknown) => isObject(body) && body.dedup_key

describe('pagerduty', () => {
  it('triggers an alert', async () => {
    const { got, outcome } = await send({ path: '/', link: told.link, options }, yes)
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.path).toBe('/v2/enqueue')
    expect(got.body).toEqual({
      routing_key: options.routing_key,
      event_action: 'trigger',
      dedup_key: expect.stringMatching(/^[0-9a-f-]{36}$/),
      payload: {
        summary: 'NodeNotReady: node/worker-1 in prod',
        source: 'prod',
        severity: 'critical',
        timestamp: '2026-01-31T11:59:58Z',
        component: 'node/worker-1',
        class: 'NodeNotReady',
        custom_details: {
          cluster: 'prod',
          node: 'worker-1',
          message: 'Node worker-1 status is now: NodeNotReady',
          additional: 'action: cordon-node',
        },
      },
      client: 'ops-events',
      client_url: told.link,
      links: [{ href: told.link, text: 'Open in the console' }],
    })
  })

  it('resolves by the counter-event what the event raised, and nothing else', async () => {
    const raised = await send({ options }, yes)
    const again = await send({ options, delivery: { id: 'another', attempt: 3 } }, yes)
    const over = await send({ ...told, options, severity: 'info', ...withReason('NodeReady') }, yes)
    const other = await send({ options, ...withReason('NodeHasDiskPressure') }, yes)
    const elsewhere = await send({ options, hook: { namespace: 'ops-system', name: 'other' } }, yes)
    expect(over.got.body).toMatchObject({ event_action: 'resolve', payload: { severity: 'critical' } })
    expect(keyOf(again.got.body)).toBe(keyOf(raised.got.body))
    expect(keyOf(over.got.body)).toBe(keyOf(raised.got.body))
    expect(keyOf(other.got.body)).not.toBe(keyOf(raised.got.body))
    expect(keyOf(elsewhere.got.body)).not.toBe(keyOf(raised.got.body))
  })

  it('takes of an event that ends several troubles the one it is told about', async () => {
    const pod = (reason: string) => ({
      event: {
        ...event,
        subject: 'ops.clusters.prod.namespaces.shop.pods.web-0.events',
        data: {
          kind: 'Pod',
          namespace: 'shop',
          name: 'web-0',
          reason,
          message: 'x',
          fieldPath: 'spec.containers{web}',
        },
      },
    })
    const raised = await send({ options, ...pod('Unhealthy') }, yes)
    const trouble = JSON.stringify([
      'ops.clusters.prod.namespaces.shop.pods.web-0',
      'health',
      'spec.containers{web}',
    ])
    const over = await send(
      { ...told, resolved: { ...told.resolved, trouble }, options, ...pod('Started') },
      yes,
    )
    expect(keyOf(over.got.body)).toBe(keyOf(raised.got.body))
  })

  it.each([
    [
      { status: 400, body: { status: 'invalid event', errors: ["Length of 'routing_key' is incorrect"] } },
      { kind: 'drop', code: 400, reason: expect.stringContaining('options.routing_key is wrong') },
    ],
    [
      { status: 400, body: { status: 'invalid event', errors: ["'payload' is missing"] } },
      { kind: 'drop', code: 400 },
    ],
    [
      { status: 429, body: '' },
      { kind: 'retry', code: 429 },
    ],
    [
      { status: 500, body: '' },
      { kind: 'retry', code: 500 },
    ],
  ])('reads %o', async (says, outcome) => {
    expect((await send({ options }, says)).outcome).toMatchObject(outcome)
  })
})
