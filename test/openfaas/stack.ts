import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

const Words = z.record(z.string(), z.string())
const Resources = z.strictObject({ cpu: z.string().optional(), memory: z.string().optional() })

/** What faas-cli knows of a function (go-sdk's stack/schema.go), and takes in silence where it is misspelt. */
const StackFunction = z.strictObject({
  lang: z.string(),
  handler: z.string(),
  image: z.string(),
  build_args: Words,
  environment: Words,
  secrets: z.array(z.string()),
  labels: Words,
  annotations: Words,
  requests: Resources,
  limits: Resources,
  readonly_root_filesystem: z.boolean(),
})
export type StackFunction = z.infer<typeof StackFunction>

const Stack = z.strictObject({
  version: z.literal('1.0'),
  provider: z.strictObject({ name: z.literal('openfaas'), gateway: z.url() }),
  configuration: z.strictObject({
    templates: z.array(z.strictObject({ name: z.string(), source: z.string() })),
    copy: z.array(z.string()),
  }),
  functions: z.record(z.string(), StackFunction),
})

/** infra/openfaas/stack.yaml as faas-cli reads it with this environment: `${NAME:-default}`, then merge keys. */
export function stackOf(env: Record<string, string> = {}): z.infer<typeof Stack> {
  const file = fileURLToPath(new URL('../../infra/openfaas/stack.yaml', import.meta.url))
  const text = readFileSync(file, 'utf8').replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, otherwise: string) => env[name] ?? otherwise,
  )
  return Stack.parse(parse(text, { merge: true }))
}
