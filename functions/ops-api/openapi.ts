import { z } from 'zod'
import { isObject } from '../../shared/json.ts'
import { repeats } from './read.ts'
import type { Right, Route } from './route.ts'

type Json = Record<string, unknown>

/** The document of all routes (OpenAPI 3.1), from what reads their parameters and bodies. */
export function openApiOf(table: readonly Route[]): Json {
  const paths: Record<string, Json> = {}
  for (const route of table) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'ops-events',
      version: '1',
      description: 'Answers are {"code": 0, "message", "data"}; a refusal has its HTTP status as code.',
    },
    security: [{ bearer: [] }, { basic: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic', description: 'The token is the password' },
      },
      responses: {
        Refused: { description: 'Refused, and why', ...contentOf(envelopeOf()) },
      },
    },
  }
}

function operationOf({ method, path, right, summary, query, body, data, forms = [] }: Route): Json {
  const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const others = Object.fromEntries(forms.map(form => [form, { schema: {} }]))
  const isEnveloped = data !== undefined || forms.length === 0
  return {
    operationId: operationIdOf(method, path),
    tags: [path.split('/').findLast(part => /^[a-z]/.test(part) && !verbs.has(part)) ?? 'ops'],
    summary,
    description: neededFor[right],
    parameters: [
      ...parts.map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...(query ? parametersOf(query) : []),
    ],
    ...(body && { requestBody: { required: true, ...contentOf(schemaOf(body)) } }),
    responses: {
      '200': {
        description: 'Answered',
        content: {
          ...(isEnveloped && contentOf(envelopeOf(data ? schemaOf(data, 'output') : {})).content),
          ...others,
        },
      },
      default: { $ref: '#/components/responses/Refused' },
    },
  }
}

const verbs = new Set(['v1', 'replay', 'silenced'])

const neededFor: Record<Right, string> = {
  read: 'Needs a token that may read something, and shows what it may read',
  events: 'Needs a token with a subject in "read", and shows what it may read',
  deadletters: 'Needs the right "deadletters"',
  silences: 'Needs the right "silences"',
  runs: 'Needs the right "runs"',
  admin: 'Needs the right "admin"',
}

// `GET /api/v1/events/{subject}` -> getEventsBySubject
function operationIdOf(method: string, path: string): string {
  const words = path
    .split('/')
    .slice(3)
    .map(part => part.replace(/^\{(\w+)\}$/, 'by-$1').replace('.json', ''))
  const named = words
    .flatMap(word => word.split(/[-_]/))
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
  return method.toLowerCase() + named.join('')
}

function parametersOf(query: z.ZodObject): Json[] {
  const whole = schemaOf(query)
  const required = Array.isArray(whole.required) ? whole.required : []
  return Object.entries(isObject(whole.properties) ? whole.properties : {}).map(([name, property]) => {
    const { description, ...schema } = isObject(property) ? property : {}
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: { ...schema, ...usualOf(query.shape[name]) },
    }
  })
}

/** What a parameter is unless it is given. */
const usualOf = (field: unknown) => (field instanceof z.ZodDefault ? { default: field.def.defaultValue } : {})

const contentOf = (schema: Json) => ({ content: { 'application/json': { schema } } })

const envelopeOf = (data?: Json): Json => ({
  type: 'object',
  properties: { code: { type: 'integer' }, message: { type: 'string' }, ...(data && { data }) },
  required: ['code', 'message', ...(data ? ['data'] : [])],
})

/** As whoever sends it has to write it, or as it is answered. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'input'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const of = zodSchema instanceof z.ZodType ? zodSchema : undefined
      const several = repeats(of)
      const meant = several ? { type: 'array', items: schemaOf(several) } : jsonSchema.shown
      if (!isObject(meant)) return
      const { description, default: usual } = jsonSchema
      for (const name of Object.keys(jsonSchema)) delete jsonSchema[name]
      Object.assign(
        jsonSchema,
        meant,
        description && { description },
        usual !== undefined && { default: usual },
      )
    },
  })
  return json
}
