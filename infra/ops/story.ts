import { z } from 'zod'
import type { Command } from './command.ts'
import { table } from './table.ts'

const text = z.string()
const Story = z.looseObject({
  id: text,
  ...{ from: text, to: text, severity: text, events: z.number() },
  root: z.looseObject({ kind: text, namespace: text.optional(), name: text }).optional(),
  list: z.array(
    z.looseObject({
      ...{ id: text, time: text, severity: text, namespace: text, kind: text, name: text },
      ...{ reason: text, message: text },
    }),
  ),
  edges: z.array(z.looseObject({ rule: text, cause: text, effect: text })),
  truncated: z.boolean(),
})
type Story = z.infer<typeof Story>

/** `story <id>`: what happened, in order, and what each follows from. */
export const story: Command = {
  words: 'story',
  operand: 'correlation id',
  says: 'what hangs together: its events in order, and what follows from what',
  options: {},
  async run({ client, given, operand, print }) {
    const found = await client.ask(Story, 'GET', `/correlations/${encodeURIComponent(operand)}`)
    if (given.json) return print(JSON.stringify(found, null, 2))
    const { root } = found
    const about = root ? `${root.kind} ${root.namespace ? `${root.namespace}/` : ''}${root.name}` : found.id
    print(`${about}: ${found.severity}, ${found.events} events from ${found.from} to ${found.to}`)
    print(
      table(
        ['', 'TIME', 'SEVERITY', 'NAMESPACE', 'OBJECT', 'REASON', 'FOLLOWS FROM', 'MESSAGE'],
        rowsOf(found),
      ),
    )
    if (found.truncated) print('There is more than is shown')
  },
}

function rowsOf({ list, edges }: Story): string[][] {
  const places = new Map(list.map(({ id }, at) => [id, at + 1]))
  return list.map(({ id, time, severity, namespace, kind, name, reason, message }, at) => {
    const causes = edges
      .filter(({ effect, cause }) => effect === id && places.has(cause))
      .map(({ rule, cause }) => `${places.get(cause)} (${rule})`)
    return [String(at + 1), time, severity, namespace, `${kind}/${name}`, reason, causes.join(', '), message]
  })
}
