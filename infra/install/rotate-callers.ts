import { hash } from 'node:crypto'
import { stringify } from 'yaml'
import { parseTokens } from '../../shared/tokens.ts'
import type { Draw } from './make.ts'
import type { Step } from './rotate.ts'
import { type Secret, secretOf } from './secret.ts'

/**
 * The tokens of those who call: a new one stands beside each old one under its name, until everybody who calls has it;
 * then the old ones go. Nothing is started anew for it, the file is read again.
 */
export function nextTokens(secrets: Secret[], draw: Draw): Step {
  const [server, people] = [secretOf(secrets, 'ops-server-tokens'), secretOf(secrets, 'ops-plain-tokens')]
  const rows = parseTokens(server.data['tokens.yaml'] ?? '')
  const put = (next: typeof rows) => ({ ...server, data: { 'tokens.yaml': stringify(next) } })
  const current = new Set(Object.values(people.data).map(text => hash('sha256', text)))
  const old = rows.filter(({ sha256, name }) => name in people.data && !current.has(sha256))
  if (old.length > 0)
    return {
      changed: [put(rows.filter(row => !old.includes(row)))],
      next: 'The old tokens go within two minutes. That was the last step',
    }
  const plain = Object.fromEntries(Object.keys(people.data).map(name => [name, draw('base64url')]))
  const fresh = rows.flatMap(row => {
    const text = plain[row.name]
    return text === undefined ? [] : [{ ...row, sha256: hash('sha256', text) }]
  })
  return {
    changed: [put([...rows, ...fresh]), { ...people, data: plain }],
    next: 'Give those who call their new tokens, in ops-plain-tokens; when all of them have theirs: the same command once more',
  }
}
