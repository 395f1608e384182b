import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { openTokens, tokensFile } from '../../../shared/adapters/tokens-file.ts'
import { sha256 } from '../../../shared/token.ts'

const row = (name: string, token: string) => `- name: ${name}\n  sha256: ${sha256(token)}\n`

describe('openTokens()', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'tokens.yaml')
  const said: string[] = []
  const log = {
    debug() {},
    info: (_: object, message: string) => said.push(message),
    warn: (_: object, message: string) => said.push(message),
    error: (fields: object, message: string) => said.push(`${message} ${JSON.stringify(fields)}`),
  }
  let time = 0
  beforeEach(() => {
    said.length = 0
    time = 0
    writeFileSync(file, row('ci', 'old'))
  })
  const opened = (token?: string) => openTokens({ token, file, log, now: () => time })
  const nameOf = (tokens: ReturnType<typeof opened>, token: string) => tokens.of(`Bearer ${token}`)?.name

  it('knows a token by its SHA-256, and the one for everything as "default"', () => {
    const tokens = opened('for-everything')
    expect(nameOf(tokens, 'old')).toBe('ci')
    expect(nameOf(tokens, 'OLD')).toBeUndefined()
    expect(tokens.of(undefined)).toBeUndefined()
    expect(tokens.of('Bearer for-everything')).toMatchObject({
      name: 'default',
      publish: ['>'],
      rights: ['admin'],
    })
  })

  it('takes a short one for everything, and warns of it', () => {
    expect(nameOf(opened('short'), 'short')).toBe('default')
    expect(said).toContain('SERVER_TOKEN is easily guessed: give it 16 characters or more')
    said.length = 0
    opened('long-enough-for-us')
    expect(said).toEqual([])
  })

  it('stops taking a token within a second after it left the file', () => {
    const tokens = opened()
    expect(nameOf(tokens, 'old')).toBe('ci')
    writeFileSync(file, row('ci', 'new'))
    time = 1_000
    expect(nameOf(tokens, 'old')).toBeUndefined()
    expect(nameOf(tokens, 'new')).toBe('ci')
    expect(said).toEqual(['Tokens read', 'Tokens read'])
  })

  it('looks at the file at most once a second', () => {
    const tokens = opened()
    expect(nameOf(tokens, 'old')).toBe('ci')
    writeFileSync(file, row('ci', 'new'))
    time = 999
    expect(nameOf(tokens, 'old')).toBe('ci')
  })

  it('keeps the tokens it has while the file is wrong or gone, and says so once', () => {
    const tokens = opened()
    expect(nameOf(tokens, 'old')).toBe('ci')
    for (const change of [() => writeFileSync(file, '- {name: ci}'), () => rmSync(file)]) {
      change()
      for (let turn = 0; turn < 3; turn++) {
        time += 1_000
        expect(nameOf(tokens, 'old')).toBe('ci')
      }
    }
    expect(said).toEqual([
      'Tokens read',
      expect.stringMatching(/stay as they were.*token 1: sha256/),
      expect.stringMatching(/stay as they were.*ENOENT/),
    ])
  })

  it('follows the links by which Kubernetes changes a mounted secret', () => {
    writeFileSync(join(dir, 'one'), row('ci', 'one'))
    writeFileSync(join(dir, 'two'), row('ci', 'two'))
    const link = join(dir, 'link')
    symlinkSync('one', link)
    const tokens = openTokens({ token: undefined, file: link, log, now: () => time })
    expect(nameOf(tokens, 'one')).toBe('ci')
    symlinkSync('two', `${link}.new`)
    renameSync(`${link}.new`, link)
    time = 1_000
    expect(nameOf(tokens, 'one')).toBeUndefined()
    expect(nameOf(tokens, 'two')).toBe('ci')
  })

  it('is known to be wrong before the process starts', () => {
    writeFileSync(file, '- {name: ci}')
    expect(tokensFile.safeParse(file).error?.issues[0]?.message).toMatch(/cannot use the tokens of .*sha256/)
    expect(tokensFile.safeParse(join(dir, 'none')).error?.issues[0]?.message).toMatch(/ENOENT/)
  })
})
