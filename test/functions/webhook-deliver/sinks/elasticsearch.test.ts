import { describe, expect, it } from 'vitest'
import { elasticsearch } from '../../../../functions/webhook-deliver/sinks/elasticsearch.ts'
import { serviceOf, told } from './service.ts'
import { shipment } from './shipments.ts'

const { send } = serviceOf(elasticsearch)
const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
const items = (...all: object[]) => ({ body: { errors: true, items: all.map(create => ({ create })) } })
const mapping = { type: 'document_parsing_exception', reason: 'failed to parse field [x] of type [long]' }

describe('elasticsearch', () => {
  it('creates one document under the id of the delivery', async () => {
    const { got, outcome } = await send({ path: '/es/ops-{date}?pipeline=p' }, items({ status: 201 }))
    expect(outcome).toEqual({ kind: 'done' })
    expect(got).toMatchObject({ path: '/es/ops-2026.01.31/_bulk', type: 'application/x-ndjson' })
    expect(got.query.get('pipeline')).toBe('p')
    expect(lines(got.text)).toEqual([
      { create: { _index: 'ops-2026.01.31', _id: '5d3c8a52-0a3d-5c8e-9a59-2f5f0c0a0b0c' } },
      {
        '@timestamp': '2026-01-31T11:59:58Z',
        subject: 'ops.clusters.prod.nodes.worker-1.events',
        id: 'e1',
        cluster: 'prod',
        type: 'Normal',
        reason: 'NodeNotReady',
        kind: 'Node',
        name: 'worker-1',
        message: 'Node worker-1 status is now: NodeNotReady',
        additional: 'action: cordon-node',
        cloudevent: {
          specversion: '1.0',
          id: 'e1',
          source: 'https://example.com/cluster',
          type: 'Kube',
          subject: 'ops.clusters.prod.nodes.worker-1.events',
          time: '2026-01-31T11:59:58Z',
          cluster: 'prod',
        },
      },
    ])
  })

  it('takes the attributes where the data has no such field, and tells notices', async () => {
    const event = { ...shipment().event, type: 'Deployed', data: [1, 2] }
    const { got } = await send({ ...told, path: '/ops', event, additional: '' }, items({ status: 201 }))
    expect(lines(got.text)[1]).toMatchObject({
      type: 'Deployed',
      data: '[1,2]',
      notice: 'resolved',
      held: told.held,
      resolved: told.resolved,
    })
  })

  it.each([
    [items({ status: 201 }), { kind: 'done' }],
    [items({ status: 409, error: { type: 'version_conflict_engine_exception' } }), { kind: 'done' }],
    [
      items({ status: 400, error: mapping }),
      { kind: 'drop', reason: expect.stringMatching(/400.*\[x\].*change the mapping/) },
    ],
    [items({ status: 403, error: { type: 'security_exception' } }), { kind: 'drop' }],
    [
      items({ status: 429, error: { type: 'es_rejected_execution_exception' } }),
      { kind: 'retry', code: 429 },
    ],
    [items({ status: 503, error: { type: 'unavailable_shards_exception' } }), { kind: 'retry', code: 503 }],
    [{ body: '<html>Sign in</html>' }, { kind: 'retry' }],
    [{ body: { errors: false, items: [] } }, { kind: 'retry' }],
    [
      { status: 401, body: '' },
      { kind: 'drop', code: 401 },
    ],
    [
      { status: 429, body: '', headers: { 'retry-after': '3' } },
      { kind: 'retry', after: 3_000 },
    ],
    [
      { status: 502, body: '' },
      { kind: 'retry', code: 502 },
    ],
  ])('reads %o', async (says, outcome) => {
    expect((await send({ path: '/ops' }, says)).outcome).toMatchObject(outcome)
  })

  it('takes many at once, and answers for each', () => {
    const url = new URL('https://es.example/ops-{date}')
    const late = { ...shipment().event, time: '2026-02-01T00:00:01Z' }
    const many = [
      shipment({ url }),
      shipment({ url, event: late, delivery: { id: 'd2', attempt: 1 } }),
      shipment({ url }),
    ]
    const request = elasticsearch.many?.request(many)
    expect(request && 'body' in request && lines(String(request.body))).toMatchObject([
      { create: { _index: 'ops-2026.01.31' } },
      {},
      { create: { _index: 'ops-2026.02.01', _id: 'd2' } },
      {},
      { create: { _index: 'ops-2026.01.31' } },
      {},
    ])
    const said = items({ status: 201 }, { status: 400, error: mapping }, { status: 429 }).body
    const answer = { status: 200, retryAfter: undefined, body: JSON.stringify(said), cut: false }
    const kinds = (given: typeof answer) => elasticsearch.many?.verdicts(given, many)?.map(({ kind }) => kind)
    expect(kinds(answer)).toEqual(['done', 'drop', 'retry'])
    // Only the beginning of a long answer is read.
    expect(kinds({ ...answer, body: answer.body.slice(0, 180), cut: true })).toEqual([
      'done',
      'drop',
      'retry',
    ])
    expect(kinds({ ...answer, body: answer.body.slice(0, 60), cut: true })).toEqual([
      'done',
      'retry',
      'retry',
    ])
    expect(elasticsearch.many?.verdicts({ ...answer, status: 413 }, many)).toBeUndefined()
  })
})
