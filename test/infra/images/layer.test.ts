import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { layerOf } from '../../../infra/images/layer.ts'

describe('layerOf()', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-layer-'))
  afterAll(() => rm(dir, { recursive: true, force: true }))
  await mkdir(join(dir, 'b'))
  await writeFile(join(dir, 'b', 'c.txt'), 'c'.repeat(1000))
  await writeFile(join(dir, 'a'), '', { mode: 0o755 })

  it('is a tar that others can read, with everything for our user', async () => {
    const listed = execFileSync('tar', ['-tv', '--numeric-owner', '-f', '-'], {
      input: await layerOf(dir, 'app'),
      env: { ...process.env, TZ: 'UTC' },
      encoding: 'utf8',
    })
    expect(
      listed
        .trim()
        .split('\n')
        .map(line => line.replace(/\s+/g, ' ')),
    ).toEqual([
      '-rwxr-xr-x 65532/65532 0 1970-01-01 00:00 app/a',
      'drwxr-xr-x 65532/65532 0 1970-01-01 00:00 app/b/',
      '-rw-r--r-- 65532/65532 1000 1970-01-01 00:00 app/b/c.txt',
    ])
  })

  it('is the same whenever the files were written', async () => {
    const before = await layerOf(dir, 'app')
    await utimes(join(dir, 'a'), 1, 1)
    expect((await layerOf(dir, 'app')).equals(before)).toBe(true)
  })
})
