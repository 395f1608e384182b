import { expect, it } from 'vitest'
import { z } from 'zod'
import { openApiOf } from '../../../functions/ops-api/openapi.ts'
import { ownNats, ownPostgres, sharedRedis } from '../../servers.ts'
import { openApi, openBus, token } from './rig.ts'

const Schema = z.record(z.string(), z.unknown())
const Content = z.record(z.string(), z.strictObject({ schema: Schema }))
const Ref = z.strictObject({ $ref: z.string().startsWith('#/') })
const Parameter = z.strictObject({
  name: z.string().min(1),
  in: z.enum(['path', 'query']),
  required: z.boolean(),
  description: z.string().optional(),
  schema: Schema,
})
const Operation = z.strictObject({
  operationId: z.string().regex(/^\w+$/),
  tags: z.array(z.string()),
  summary: z.string().min(1),
  description: z.string(),
  parameters: z.array(Parameter),
  requestBody: z.strictObject({ required: z.literal(true), content: Content }).optional(),
  responses: z.record(
    z.string().regex(/^([1-5]\d\d|default)$/),
    z.union([Ref, z.strictObject({ description: z.string(), content: Content })]),
  ),
})
/** What of OpenAPI 3.1 is used here, strictly. */
const Document = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'put', 'post', 'delete']), Operation),
  ),
  components: z.strictObject({
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.literal('http'), scheme: z.string() })),
    responses: z.record(z.string(), z.strictObject({ description: z.string(), content: Content })),
  }),
})

const [nats, postgres] = await Promise.all([ownNats(), ownPostgres()])
await openBus(nats.url)
const api = await openApi(
  { nats: nats.url, redis: sharedRedis() },
  { env: { DATABASE_URL: postgres.url, EVENT_CLUSTER: 'c' } },
)
const answer = await fetch(`${api.url}/api/v1/openapi.json`, {
  headers: { authorization: `Bearer ${token}` },
})
const document = Document.parse(await answer.json())
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
)

it('the document is as OpenAPI has it', () => {
  expect(answer.headers.get('content-type')).toBe('application/json')
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, operation } of operations) {
    const inPath = operation.parameters.filter(one => one.in === 'path')
    expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? [])
    expect(inPath.every(({ required }) => required)).toBe(true)
  }
  for (const name of document.security.flatMap(one => Object.keys(one)))
    expect(document.components.securitySchemes).toHaveProperty(name)
  const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/responses\/(\w+)"/g)
  for (const [, name] of refs) expect(document.components.responses).toHaveProperty(String(name))
})

it('has each path that there is', async () => {
  const { message } = await api.ask('GET', '/nothing')
  expect(message.replace(/^.*there are /, '').split(', ')).toEqual(Object.keys(document.paths))
})

it.each(operations.filter(({ method }) => method === 'GET'))(
  'has each parameter of GET $path',
  async ({ path, operation }) => {
    const names = operation.parameters.filter(one => one.in === 'query').map(({ name }) => name)
    const asked = `${path.slice('/api/v1'.length).replaceAll(/\{\w+\}/g, 'a')}?zzzzzzzzzzzzzzzz=1`
    const said = await fetch(`${api.url}/api/v1${asked}`, { headers: { authorization: `Bearer ${token}` } })
    if (names.length === 0) return expect([200, 400, 404, 503]).toContain(said.status)
    const { message } = z.object({ message: z.string() }).parse(await said.json())
    expect(message).toBe(
      `Cannot read the parameters: there is no parameter "zzzzzzzzzzzzzzzz", there are ${names.join(', ')}`,
    )
  },
)

it('shows what a parameter is, not how it is read', () => {
  const query = document.paths['/api/v1/query']?.get?.parameters ?? []
  const schemaOf = (name: string) => query.find(one => one.name === name)?.schema
  expect(schemaOf('limit')).toEqual({ default: 100, type: 'integer', minimum: 1, maximum: 1_000_000 })
  expect(schemaOf('severity')).toMatchObject({
    type: 'array',
    items: { enum: ['info', 'warning', 'error', 'critical'] },
  })
  expect(schemaOf('start_time')).toEqual({
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', format: 'date-time' },
    ],
  })
})

it('is empty of what there is not', () => {
  expect(openApiOf([])).toMatchObject({ paths: {} })
})
