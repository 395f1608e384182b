import { z } from 'zod'

/** A node of an OpenAPI v3 schema as a CRD has it ("structural": kubernetes.io, custom-resource-definitions). */
export type CrdSchema = { [field: string]: unknown }

/**
 * What the API server is to check of a resource, from the schema that checks it here. Unknown fields are no matter
 * of a structural schema: the server prunes them, or refuses them where kubectl asks it to be strict.
 * @throws TypeError for what a structural schema cannot say
 */
export function crdSchema(schema: z.ZodType): CrdSchema {
  const written = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod
      // Left out where something is done to a value before it is read; the default is right all the same.
      if (def.type === 'default') jsonSchema.default = def.defaultValue
    },
  })
  return structural(written, '')
}

/** The fields that a structural schema may have, beside `x-kubernetes-…`. */
const allowed = new Set([
  ...['type', 'format', 'description', 'default', 'enum', 'pattern', 'nullable', 'required', 'properties'],
  ...[
    'items',
    'additionalProperties',
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'minimum',
    'maximum',
  ],
])
/** What zod writes beside the schema, or of what is no question in JSON. A `pattern` that only spells a `format` goes too. */
const dropped = new Set(['$schema', 'definitions', 'id', 'propertyNames'])
/** What holds more of itself has no structural schema: the server takes any map there, and the watcher reads it. */
const anyMap = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

function structural(node: unknown, path: string): CrdSchema {
  if (!isNode(node)) throw new TypeError(`Cannot make a structural schema: ${path || 'the top'} is no schema`)
  if (node.$ref !== undefined) return anyMap
  const out: CrdSchema = {}
  for (const [field, value] of Object.entries(anyCase(node))) {
    if (dropped.has(field) || isTrivial(field, value) || (field === 'pattern' && node.format)) continue
    if (!allowed.has(field) && !field.startsWith('x-kubernetes-'))
      throw new TypeError(`Cannot make a structural schema: ${path || 'the top'} has "${field}"`)
    out[field] = within(field, value, path)
  }
  if (out.type === undefined) throw new TypeError(`Cannot make a structural schema: ${path} has no type`)
  return out
}

function within(field: string, value: unknown, path: string): unknown {
  if (field === 'items') return structural(value, `${path}[]`)
  if (field === 'additionalProperties') return structural(value, `${path}.*`)
  if (field !== 'properties' || !isNode(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, structural(one, `${path}.${name}`)]),
  )
}

/** `additionalProperties: false` is what pruning does, and what the bounds of a safe integer bound is a number. */
const isTrivial = (field: string, value: unknown) =>
  (field === 'additionalProperties' && value === false) ||
  (typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER)

/** An enum knows one spelling only, so words that may be written in any case become a rule. */
function anyCase({ 'x-any-case': marked, enum: words, ...node }: CrdSchema): CrdSchema {
  if (!marked) return words === undefined ? node : { ...node, enum: words }
  if (!Array.isArray(words)) throw new TypeError('Cannot make a rule for words in any case: there is no enum')
  const rule = `self.upperAscii() in [${words.map(word => `'${word}'`).join(', ')}]`
  const message = `it has to be ${words.join(' or ')}, in any case`
  return { ...node, maxLength: 64, 'x-kubernetes-validations': [{ rule, message }] }
}

const isNode = (value: unknown): value is CrdSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
