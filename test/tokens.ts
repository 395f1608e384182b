import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { stringify } from 'yaml'
import { sha256 } from '../shared/token.ts'

type Rights = { publish?: string[]; read?: string[]; rights?: string[] }

/**
 * A file for SERVER_TOKENS_FILE, there until the end of this test file: of `shop` the token is `shop-token`, and so on.
 * Call it outside of tests and hooks.
 */
export function tokensFile(tokens: Record<string, Rights>): string {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'tokens.yaml')
  const rows = Object.entries(tokens).map(([name, rights]) => ({
    ...{ name, sha256: sha256(`${name}-token`) },
    ...rights,
  }))
  writeFileSync(file, stringify(rows))
  return file
}
