import { type Compiled, compile, type Placed } from '../../../functions/watcher/compile.ts'
import { documentReader } from '../../../functions/watcher/documents.ts'
import type { CompileWorld } from '../../../functions/watcher/hook.ts'
import { sealingWith } from '../../../functions/watcher/sealing.ts'
import { openTemplateCheck } from '../../../functions/watcher/template.ts'

export const key = Buffer.alloc(32, 7).toString('base64')

/** A valid hook as YAML, with other lines of its spec where they are given. */
export function hookYaml(name: string, spec: Record<string, string> = {}): string {
  const fields = { type: 'webhook', subject: 'ops.>', url: 'http://127.0.0.1/a', ...spec }
  const lines = Object.entries(fields).map(([field, value]) => `  ${field}: ${value}`)
  return `apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata:
  name: ${name}
  namespace: ops
spec:
${lines.join('\n')}
`
}

const templateProblem = await openTemplateCheck()

/** A folder in memory: `write` gives it other files, and says what follows; `secretOf` what Secrets hold. */
export function memoryFolder(secretOf: CompileWorld['secretOf'] = () => undefined) {
  const read = documentReader()
  const sealing = sealingWith(key)
  let placed: Placed[] = []
  return {
    write(files: Record<string, string>): Compiled {
      const sources = Object.entries(files).map(([path, text]) => ({ path, text }))
      const compiled = compile(read(sources), placed, { sealing, secretOf, templateProblem })
      placed = compiled.placed
      return compiled
    },
  }
}

/** One file, read for the first time. */
export const compiledFrom = (text: string): Compiled => memoryFolder().write({ 'a.yaml': text })

/** `line field: problem` of everything that is refused. */
export const complaints = ({ refused }: Compiled): string[] =>
  refused.flatMap(({ problems }) =>
    problems.map(({ line, field, problem }) =>
      [line, field && `${field}:`, problem].filter(Boolean).join(' '),
    ),
  )
