import { isObject } from '../../shared/json.ts'
import { liquidOf } from './import-layout.ts'

/** What a receiver of event-exporter is told, as it stands in the file. */
export type Config = Record<string, unknown>

/** Its headers, as options of a hook. */
export const headersOf = (config: Config) =>
  Object.fromEntries(
    Object.entries(isObject(config.headers) ? config.headers : {}).map(([name, value]) => [
      `headers.${name}`,
      textOf(value),
    ]),
  )

/** Its layout in Liquid, with what differs; without one, or where it cannot be one, the body is ours. */
export function layoutOf({ layout }: Config): { notes: string[]; template?: string } {
  if (!isObject(layout) || Object.keys(layout).length === 0) return { notes: [] }
  const made = liquidOf(layout)
  return 'problem' in made ? { notes: [`layout: ${made.problem}`] } : made
}

/** The template of what became of a layout or message, where there is one. */
export const templated = (made: object) => ('template' in made ? { template: String(made.template) } : {})

/** What is not taken over of a receiver, by name. */
export const restOf = (config: Config, known: string[]) =>
  Object.keys(config)
    .filter(name => !known.includes(name))
    .map(name => `${name}: not carried over`)

/** Whether event-exporter puts something of its environment in here: `${KEY}` or `$KEY`, anywhere in its file. */
export const hasVariable = (text: string) => /\$(\{\w+\}|[A-Za-z_])/.test(text)

/** A value that is to be in the Secret. */
export const variable = (name: string) => `\${${name}}`

/** A value as text, nothing as an empty one. */
export const textOf = (value: unknown) => String(value ?? '')
