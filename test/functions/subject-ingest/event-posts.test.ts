import { describe, expect, it } from 'vitest'
import { eventPosts } from '../../../functions/subject-ingest/event-posts.ts'
import { about, request, sent } from './request.ts'

describe('eventPosts()', () => {
  const event = { specversion: '1.0', id: '1', source: '/s', type: 't', subject: 'Deploys.web' }
  const structured = { 'content-type': 'application/cloudevents+json' }
  const batch = { 'content-type': 'application/cloudevents-batch+json' }
  const posted = (value: unknown, headers = structured) =>
    eventPosts(request(JSON.stringify(value), headers), about)

  it("keeps what is the caller's and says itself what is ours", () => {
    const given = {
      ...event,
      time: '2026-01-01T00:00:00+08:00',
      correlationid: 'c',
      cluster: 'forged',
      causationid: 'forged',
      hops: 7,
      via: 'forged',
      hook: 'forged',
      hookrevision: 'forged',
      deliveryid: 'forged',
      data: { n: 1 },
    }
    expect(sent(posted(given))).toEqual({
      ...event,
      subject: 'ops.clusters.c_1.namespaces.ops-system.deploys.web',
      time: '2026-01-01T00:00:00+08:00',
      correlationid: 'c',
      cluster: 'C.1',
      ...{ category: 'other', severitytext: 'info', severitynumber: 9 },
      data: { n: 1 },
    })
  })

  it.each([
    [
      { category: 'billing', severitytext: 'FATAL' },
      { category: 'billing', severitytext: 'FATAL', severitynumber: 21 },
    ],
    [{ severitynumber: 14 }, { category: 'other', severitytext: 'warning', severitynumber: 14 }],
    [
      { category: 'Our Bills', severitytext: 'purple' },
      { category: 'other', severitytext: 'info', severitynumber: 9 },
    ],
  ])('keeps the class that a caller gives where it is well-formed: %j', (given, expected) => {
    expect(sent(posted({ ...event, ...given }))).toMatchObject(expected)
  })

  it('goes on counting the hooks behind a notification that comes back', () => {
    const headers = { ...structured, 'ops-hops': '3' }
    expect(sent(posted({ ...event, hops: 7 }, headers)).hops).toBe(3)
  })

  it('adds the time of its arrival where there is none', () => {
    expect(sent(posted(event)).time).toBe('2026-01-31T12:00:00.000Z')
  })

  it('keeps the trace in which the event began', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const headers = { ...structured, traceparent: traceparent.replace('4b', '5b') }
    expect(sent(posted({ ...event, traceparent }, headers)).traceparent).toBe(traceparent)
    expect(sent(posted(event, headers)).traceparent).toBe(headers.traceparent)
  })

  it('keeps numbers as they were written', () => {
    const text = JSON.stringify({ ...event, data: 0 }).replace('"data":0', '"data":{"n":9007199254740993}')
    const post = eventPosts(request(text, structured), about)
    expect('payload' in post && post.payload.toString()).toContain('"data":{"n":9007199254740993}')
  })

  it("lets nobody take the id of another token's event", () => {
    const ids = ['ci', 'other'].map(from => {
      const post = eventPosts({ ...request(JSON.stringify(event), structured), from }, about)
      return 'messageId' in post && post.messageId
    })
    expect(new Set(ids).size).toBe(2)
  })

  it('makes a list of a batch, in its order', () => {
    const posts = posted([event, { ...event, id: '2' }], batch)
    expect(posts).toMatchObject([{ id: '1' }, { id: '2' }])
    expect(posted([event], batch)).toMatchObject([{ id: '1' }])
    expect(posted([], batch)).toEqual([])
  })

  it.each([
    [{ ...event, subject: undefined }, structured, 422, /has no subject/],
    [{ ...event, subject: 'a..b' }, structured, 422, /token 7 is empty/],
    [{ ...event, specversion: '0.3' }, structured, 400, /it has to be "1.0"/],
    [[event, { ...event, id: '' }], batch, 400, /member 2 of the batch: attribute "id"/],
    [[event, { ...event, subject: 'a b' }], batch, 422, /Member 2 of the batch: .*character " "/],
    [event, { 'content-type': 'application/json' }, 415, /send application\/cloudevents\+json/],
  ])('refuses %j', (value, headers, status, message) => {
    expect(posted(value, headers)).toEqual({ status, message: expect.stringMatching(message) })
  })
})
