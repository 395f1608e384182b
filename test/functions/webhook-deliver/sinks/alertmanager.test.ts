import { describe, expect, it } from 'vitest'
import { alertmanager } from '../../../../functions/webhook-deliver/sinks/alertmanager.ts'
import { isObject } from '../../../../shared/json.ts'
import { serviceOf, told } from './service.ts'
import { shipment } from './shipments.ts'

const { send } = serviceOf(alertmanager)
const { event } = shipment()
const data = isObject(event.data) ? event.data : {}
const labelsOf = (body: unknown) =>
  Array.isArray(body) ? body.map((alert: unknown) => (isObject(alert) ? alert.labels : undefined)) : []

describe('alertmanager', () => {
  it('posts an alert with labels of the event and of the hook', async () => {
    const { got, outcome } = await send({
      path: '/am/',
      options: { 'labels.team': 'infra' },
      link: told.link,
    })
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.path).toBe('/am/api/v2/alerts')
    expect(got.body).toEqual([
      {
        labels: {
          alertname: 'NodeNotReady',
          cluster: 'prod',
          kind: 'node',
          name: 'worker-1',
          severity: 'critical',
          trouble: 'ready',
          team: 'infra',
        },
        annotations: {
          summary: 'NodeNotReady: node/worker-1 in prod',
          description: 'cluster: prod \nnode: worker-1 \nreason: NodeNotReady',
          additional: 'action: cordon-node',
        },
        startsAt: '2026-01-31T11:59:58.000Z',
        generatorURL: told.link,
      },
    ])
  })

  it('keeps what can end for a day where its end will be told, or as long as the hook says', async () => {
    const [asked, given] = [await send({ resolve: true }), await send({ options: { lasts: '2h' } })]
    expect(asked.got.body).toMatchObject([{ endsAt: '2026-02-01T11:59:58.000Z' }])
    expect(given.got.body).toMatchObject([{ endsAt: '2026-01-31T13:59:58.000Z' }])
  })

  // [what is raised, what ends it: data, and the type of the event]
  const pod = { kind: 'Pod', namespace: 'shop', name: 'web-0', message: 'x' }
  it.each([
    [{ ...data, reason: 'NodeNotReady' }, { ...data, reason: 'NodeReady' }, 'Kube'],
    [
      { ...pod, reason: 'FailedScheduling', type: 'Warning' },
      { ...pod, reason: 'Scheduled', type: 'Normal' },
      'Kube',
    ],
    [
      { ...pod, reason: 'FailedMount', type: 'Warning' },
      { ...pod, reason: 'SuccessfulMountVolume', type: 'Normal' },
      'Kube',
    ],
    [
      { host: 'h1', kind: 'check-disk-x2b4c', status: 'alerting', cluster: 'prod' },
      { host: 'h1', kind: 'check-disk-z9x8w', status: 'normal', cluster: 'prod' },
      'TaskRunReport',
    ],
    [{ status: { heartStatus: 'Failed' } }, { status: { heartStatus: 'Successed' } }, 'Host'],
  ])('resolves %o by %o with the labels that it was raised with', async (raised, ended, type) => {
    const about = { ...event, type, subject: 'ops.clusters.prod.namespaces.shop.pods.web-0.events' }
    const begun = await send({ event: { ...about, data: raised }, severity: 'warning' })
    const over = await send({ ...told, event: { ...about, data: ended }, severity: 'info' })
    expect(labelsOf(begun.got.body)).toHaveLength(1)
    expect(labelsOf(over.got.body)).toContainEqual(labelsOf(begun.got.body)[0])
    const times = { startsAt: '2026-01-31T11:55:50.000Z', endsAt: '2026-01-31T12:00:00.000Z' }
    expect(over.got.body).toContainEqual(
      expect.objectContaining({ ...times, labels: labelsOf(begun.got.body)[0] }),
    )
    expect(begun.got.text).not.toContain('endsAt')
  })

  it('ends with one event all the troubles that are over by it', async () => {
    const started = { ...pod, reason: 'Started', fieldPath: 'spec.containers{web}' }
    const { got } = await send({
      event: { ...event, data: started, subject: 'ops.clusters.prod.namespaces.shop.pods.web-0.events' },
    })
    const troubles = labelsOf(got.body).map(labels => isObject(labels) && labels.trouble)
    expect(troubles).toEqual(expect.arrayContaining(['mount', 'image', 'health']))
    expect(got.body).toEqual(
      troubles.map(() => expect.objectContaining({ endsAt: '2026-01-31T11:59:58.000Z' })),
    )
  })

  it('knows a digest by its hook, whatever was the first event in it', async () => {
    const digest = { ...event, type: 'Digest', data: { count: 99, reasons: { BackOff: 99 } } }
    const { got } = await send({ event: digest, notice: 'digest', severity: 'warning' })
    expect(labelsOf(got.body)).toEqual([
      { alertname: 'Digest', cluster: 'prod', hook: 'ops-system/notices', severity: 'warning' },
    ])
  })

  it('takes many at once', () => {
    const many = [
      shipment({ url: new URL('http://am/') }),
      shipment({ url: new URL('http://am/'), title: 'b' }),
    ]
    const request = alertmanager.many?.request(many)
    expect(request && 'body' in request && JSON.parse(String(request.body))).toHaveLength(2)
    const answer = (status: number) => ({ status, retryAfter: undefined, body: '', cut: false })
    expect(alertmanager.many?.verdicts(answer(200), many)).toEqual([{ kind: 'done' }, { kind: 'done' }])
    expect(alertmanager.many?.verdicts(answer(400), many)).toBeUndefined()
  })

  it.each([
    [
      { status: 400, body: '"label name is invalid"' },
      { kind: 'drop', code: 400, reason: expect.stringContaining('options.labels') },
    ],
    [
      { status: 503, body: '' },
      { kind: 'retry', code: 503 },
    ],
  ])('reads %o', async (says, outcome) => {
    expect((await send({}, says)).outcome).toMatchObject(outcome)
  })
})
