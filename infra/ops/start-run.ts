import { misused, refused, Trouble } from './client.ts'
import type { Command, Given } from './command.ts'
import { follow } from './follow.ts'
import { Run, standingOf } from './run-object.ts'
import { namespaceOption, pathOfRun, runPaths } from './run-paths.ts'

type Kind = keyof typeof runPaths

/** `run task` and `run pipeline`: makes a run, and waits for its end where that is wanted. */
const start = (kind: Kind): Command => ({
  words: `run ${kind}`,
  operand: 'name',
  says: `run a ${kind === 'task' ? 'Task' : 'Pipeline'} now`,
  options: {
    ...namespaceOption,
    var: { type: 'string', multiple: true, hint: 'name=value', says: 'a variable of it; again for more' },
    desc: { type: 'string', hint: 'text', says: 'what it is for' },
    key: { type: 'string', hint: 'text', says: 'run it once, however often this is asked with the same key' },
    wait: {
      type: 'boolean',
      says: 'until it has ended: prints its steps, and ends with 1 unless it went well',
    },
  },
  async run({ client, given, operand, tasks, print, warn }) {
    const body = {
      [runPaths[kind].ref]: operand,
      variables: variablesOf(given),
      ...(given.desc !== undefined && { desc: given.desc }),
    }
    const path = pathOfRun(kind, String(given.namespace ?? tasks))
    const headers = given.key === undefined ? {} : { 'idempotency-key': String(given.key) }
    const made = await client.ask(Run, 'POST', path, body, headers)
    const said = (run: Run) => (given.json ? JSON.stringify(run, null, 2) : standingOf(run))
    if (!given.wait) return print(said(made))
    if (!given.json) print(standingOf(made))
    const quiet = () => {}
    const at = `${path}/${encodeURIComponent(made.metadata.name)}`
    const run = await follow(at, { client, print: given.json ? quiet : print, warn })
    print(said(run))
    if (run.status.runStatus !== 'Successed') throw new Trouble(refused, 'It did not go well: see above')
  },
})

function variablesOf(given: Given): Record<string, string> {
  const list = Array.isArray(given.var) ? given.var.map(String) : []
  return Object.fromEntries(
    list.map(one => {
      const at = one.indexOf('=')
      if (at <= 0) throw new Trouble(misused, `--var is "${one}", it has to be name=value`)
      return [one.slice(0, at), one.slice(at + 1)]
    }),
  )
}

export const startCommands = [start('task'), start('pipeline')]
