import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { secretFiles } from '../../../shared/adapters/secret-files.ts'

const dir = mkdtempSync(join(tmpdir(), 'ops-events-secrets-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const write = (path: string, text: string | Uint8Array) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}
write('ops/chat/url', 'http://h/a\n')
write('ops/chat/windows', 'a\r\n')
write('ops/chat/lines', 'a\nb\n\n')
write('ops/chat/binary', Uint8Array.of(0xff, 0xfe))
write('ops/chat/large', 'x'.repeat(1024 * 1024 + 1))
write('plain/url', 'http://h/plain')
// As a mounted Secret looks.
write('ops/mounted/..data/token', 't')
symlinkSync('..data/token', join(dir, 'ops/mounted/token'))

const inCluster = async (id: string) => ({ values: new Map([['from', `cluster ${id}`]]) })
const alone = secretFiles(dir, undefined)
const beside = secretFiles(dir, inCluster)

describe('Secrets in a folder', () => {
  it.each([
    ['ops/chat', 'url', 'http://h/a'],
    ['ops/chat', 'windows', 'a'],
    ['ops/chat', 'lines', 'a\nb\n'],
    ['ops/mounted', 'token', 't'],
    ['ops/plain', 'url', 'http://h/plain'],
  ])('%s has as %s %j', async (id, key, value) => {
    expect(await alone(id, [key])).toEqual({ values: new Map([[key, value]]) })
  })

  it('have no other keys', async () => {
    expect(await alone('ops/chat', ['url', 'none', 'chat'])).toEqual({
      values: new Map([['url', 'http://h/a']]),
    })
    expect(await alone('x/ops', ['chat']), 'a folder is no value').toEqual({ values: new Map() })
  })

  it('say what cannot be read, and that there is none', async () => {
    expect(await alone('ops/chat', ['binary'])).toEqual({
      reason: 'SecretUnreadable',
      problem: 'key "binary" of Secret "ops/chat" is not UTF-8',
    })
    expect(await alone('ops/chat', ['large'])).toEqual({
      reason: 'SecretUnreadable',
      problem: 'key "large" of Secret "ops/chat" has 1048577 bytes, at most 1048576 are read',
    })
    expect(await alone('ops/none', ['a'])).toEqual({
      reason: 'SecretMissing',
      problem: 'Secret "ops/none" does not exist: SECRETS_DIR has no folder ops/none',
    })
  })

  it('come before those of the cluster, and never without their namespace', async () => {
    expect(await beside('ops/chat', ['url'])).toEqual({ values: new Map([['url', 'http://h/a']]) })
    expect(await beside('ops/plain', ['url'])).toEqual({ values: new Map([['from', 'cluster ops/plain']]) })
  })
})
