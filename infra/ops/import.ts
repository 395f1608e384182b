import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { apiVersion } from '../../shared/hook.ts'
import { messageOf } from '../../shared/log.ts'
import { misused, Trouble } from './client.ts'
import type { Command } from './command.ts'
import { targetOf } from './import-receiver.ts'
import { Route, selectionOf, type Way, waysOf } from './import-route.ts'
import { nameOf } from './import-secret.ts'

const Config = z.looseObject({
  route: Route,
  receivers: z.array(z.looseObject({ name: z.string() })).default([]),
  namespace: z.string().default(''),
})

/** Hooks as YAML, and all that differs from what event-exporter did, which stands in the YAML, too. */
export function imported(text: string, namespace: string): { yaml: string; differs: string[] } {
  const { route, receivers, namespace: only, ...rest } = Config.parse(parse(text))
  const differs: string[] = []
  const told = (name: string, notes: string[]) => {
    differs.push(...notes.map(note => `${name}: ${note}`))
    return notes.map(note => `# ${note}\n`).join('')
  }
  const names = new Map<string, number>()
  const documents = waysOf(route).map(way => {
    const receiver = receivers.find(({ name }) => name === way.receiver)
    const target = receiver ? targetOf(receiver) : { left: 'there is no receiver of this name' }
    const name = numbered(nameOf(way.receiver), names)
    const { notes, hook } = hookOf({ name, namespace, only, way, target })
    const said = told(name, notes)
    return `# ${way.where}, receiver "${way.receiver}"\n${said}${hook ? stringify(hook, { lineWidth: 0 }) : ''}`
  })
  const head = told('all', [
    'a kind is compared without regard to case, and a namespace is that of the object, which nodes and the like have not',
    'a component is reportingController, and source.component only where that is empty',
    ...Object.keys(rest).map(name => `${name}: nothing of this is carried over`),
  ])
  return { yaml: [head, ...documents].join('---\n'), differs }
}

type Plan = { name: string; namespace: string; only: string; way: Way; target: ReturnType<typeof targetOf> }

function hookOf({ name, namespace, only, way, target }: Plan): { notes: string[]; hook?: object } {
  if ('left' in target) return { notes: [`no hook: ${target.left}`] }
  const selection = selectionOf(way)
  if ('none' in selection) return { notes: selection.notes.map(note => `no hook: ${note}`) }
  const { notes, filters, keywords } = selection
  const watched = only === '' ? [] : [{ exact: { 'data.namespace': only } }]
  const spec = {
    subject: 'ops.clusters.>',
    filters: [...filters, ...watched],
    ...(keywords && { keywords }),
    ...target.spec,
  }
  return {
    notes: [...notes, ...target.notes],
    hook: { apiVersion, kind: 'EventHooks', metadata: { name, namespace }, spec },
  }
}

function numbered(name: string, names: Map<string, number>): string {
  const seen = (names.get(name) ?? 0) + 1
  names.set(name, seen)
  return seen === 1 ? name : `${name}-${seen}`
}

/** `ops import`: what another system was told, as resources of ours. */
export const importCommands: Command[] = [
  {
    words: 'import event-exporter',
    operand: 'config.yaml',
    says: 'hooks for the routes of a kubernetes-event-exporter, as YAML that says what differs',
    options: {},
    async run({ operand, namespace, print, warn }) {
      const { yaml, differs } = readAs(operand, text => imported(text, namespace))
      for (const line of differs) warn(line)
      print(yaml.trimEnd())
    },
  },
]

function readAs<T>(path: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(path, 'utf8'))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new Trouble(misused, `Cannot read "${path}" as the configuration of event-exporter: ${why}`)
  }
}
