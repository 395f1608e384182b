import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routeOf } from '../../../functions/subject-ingest/route.ts'

describe('routeOf()', () => {
  it.each([
    ['/', { kind: 'cloudevents' }],
    ['/?x=1', { kind: 'cloudevents' }],
    ['/api/v1/namespaces/ns/events/a.b', { kind: 'json', namespace: 'ns', event: 'a.b' }],
    ['/api/v1/namespaces/ns/events/a.b/?x=/', { kind: 'json', namespace: 'ns', event: 'a.b' }],
    ['/api/v1/namespaces/ns/events/a%20b%252e', { kind: 'json', namespace: 'ns', event: 'a b%2e' }],
  ])('reads POST %s', (url, route) => {
    expect(routeOf('POST', url)).toEqual(route)
  })

  it('decodes what was percent-encoded, once', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(text, text, (namespace, event) => {
        const url = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events/${encodeURIComponent(event)}`
        expect(routeOf('POST', url)).toEqual({ kind: 'json', namespace, event })
      }),
    )
  })

  it.each([
    [
      'POST',
      '/api/v1/namespaces/ns/events',
      404,
      /POST \/api\/v1\/namespaces\/\{namespace\}\/events\/\{event\}/,
    ],
    ['POST', '/api/v1/namespaces/ns/events/a/b', 404, /Nothing is at/],
    ['GET', '/api/v1/events', 404, /takes a JSON object/],
    ['GET', '/', 405, /GET is not answered here: POST an event/],
    ['PUT', '/api/v1/namespaces/ns/events/a', 405, /PUT is not answered here/],
    ['POST', '/api/v1/namespaces/ns/events/%zz', 400, /not percent-encoded UTF-8/],
    ['POST', '/api/v1/namespaces/ns/events/%ff', 400, /not percent-encoded UTF-8/],
  ])('answers %s %s with %i', (method, url, status, message) => {
    expect(routeOf(method, url)).toMatchObject({ status, message: expect.stringMatching(message) })
  })

  it('says which method is right', () => {
    expect(routeOf('GET', '/')).toMatchObject({ head: { allow: 'POST' } })
  })
})
