import { z } from 'zod'
import type { Command } from './command.ts'
import { namespaceOption, placeOf } from './run-paths.ts'

const forget: Command = {
  words: 'hosts forget',
  operand: 'namespace/name',
  says: 'forget the key by which a host is known, since it was set up anew; the next one that it shows is kept',
  options: namespaceOption,
  async run({ client, given, operand, tasks, print }) {
    const { namespace, name } = placeOf(operand, String(given.namespace ?? tasks))
    const path = `/namespaces/${encodeURIComponent(namespace)}/hosts/${encodeURIComponent(name)}/hostkey`
    const done = await client.ask(z.object({ id: z.string() }), 'DELETE', path)
    print(given.json ? JSON.stringify(done, null, 2) : `The key of host ${done.id} is forgotten`)
  },
}

export const hostCommands = [forget]
