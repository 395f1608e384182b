import { describe, expect, it } from 'vitest'
import { reporter } from '../../../functions/watcher/report.ts'
import { HookType } from '../../../shared/hook-words.ts'
import { hookYaml, memoryFolder } from './folder-of.ts'

const types = HookType.options.join(', ')

function reported() {
  const lines: string[] = []
  const at = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`)
  const report = reporter({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') })
  return { lines, report }
}

const other = 'apiVersion: apps/v1\nkind: Deployment\n'
const ours = 'apiVersion: crd.chenshaowen.com/v1\nkind: Task\n'

describe('reporter', () => {
  it('says each thing once, and a refusal again when it has changed', () => {
    const { lines, report } = reported()
    const folder = memoryFolder()
    const files = { 'a.yaml': hookYaml('a', { type: 'mail' }), 'b.yaml': `${other}---\n${ours}` }
    report(folder.write(files))
    report(folder.write(files))
    report(folder.write({ ...files, 'a.yaml': hookYaml('a', { type: 'post' }) }))
    expect(lines).toEqual([
      `warn Hook "ops/a" is refused, a.yaml:7: spec.type: it is "mail", it has to be one of ${types}`,
      'info Ignored: it is no resource of ours',
      `warn Hook "ops/a" is refused, a.yaml:7: spec.type: it is "post", it has to be one of ${types}`,
    ])
  })

  it('says it again when it comes back, and what stays in force meanwhile', () => {
    const { lines, report } = reported()
    const folder = memoryFolder()
    for (const type of ['webhook', 'mail', 'webhook', 'mail'])
      report(folder.write({ 'a.yaml': hookYaml('a', { type }) }))
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/; what was in force before stays in force$/)
  })
})
