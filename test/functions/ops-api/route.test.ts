import { describe, expect, it } from 'vitest'
import { type Route, routeOf } from '../../../functions/ops-api/route.ts'

const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  right: 'read',
  summary: path,
  answer: async () => ({ data: path }),
})
const table = [
  route('GET', '/api/v1/letters'),
  route('GET', '/api/v1/letters/{id}'),
  route('GET', '/api/v1/letters/newest'),
  route('POST', '/api/v1/letters/replay'),
  route('PUT', '/api/v1/silences/{namespace}/{name}'),
]

describe('routeOf()', () => {
  it.each([
    ['GET', '/api/v1/letters', '/api/v1/letters', {}],
    ['GET', '/api/v1/letters/?a=1', '/api/v1/letters', {}],
    ['GET', '/api/v1/letters/5', '/api/v1/letters/{id}', { id: '5' }],
    ['GET', '/api/v1/letters/newest', '/api/v1/letters/newest', {}],
    ['GET', '/api/v1/letters/replay', '/api/v1/letters/{id}', { id: 'replay' }],
    ['POST', '/api/v1/letters/replay', '/api/v1/letters/replay', {}],
    [
      'PUT',
      '/api/v1/silences/a/b%2Fc',
      '/api/v1/silences/{namespace}/{name}',
      { namespace: 'a', name: 'b/c' },
    ],
  ])('%s %s is %s', (method, url, path, params) => {
    expect(routeOf(table, method, url)).toMatchObject({ route: { path, method }, params })
  })

  it('hands on the parameters', () => {
    const found = routeOf(table, 'GET', '/api/v1/letters?hook=a%2Fb&reason=x?y')
    expect('query' in found && Object.fromEntries(found.query)).toEqual({ hook: 'a/b', reason: 'x?y' })
  })

  it.each([
    ['GET', '/', 404, /Nothing is at "\/"/],
    ['GET', '/api/v1/letters/1/2', 404, /there are \/api\/v1\/letters, /],
    ['GET', undefined, 404, /Nothing is at "\/"/],
    ['DELETE', '/api/v1/letters/5', 405, /DELETE is not answered at \/api\/v1\/letters\/\{id\}: GET is/],
    ['PUT', '/api/v1/silences/a/%ff', 400, /not percent-encoded UTF-8/],
  ])('refuses %s %s with %i', (method, url, status, said) => {
    expect(routeOf(table, method, url)).toMatchObject({ status, message: expect.stringMatching(said) })
  })
})
