import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processNames } from '../../../infra/build.ts'
import { writeApps } from '../../../infra/images/apps.ts'
import { layerOf } from '../../../infra/images/layer.ts'
import packageJson from '../../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../..', import.meta.url))

describe('what is in an image', () => {
  let dir = ''
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ops-events-images-'))
    await writeApps(dir)
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))
  const bill = (name: string) => JSON.parse(readFileSync(join(dir, name, 'sbom.cdx.json'), 'utf8'))
  const packages = (name: string): string[] => bill(name).components.map(({ name }: { name: string }) => name)

  it('is the bundle, the notices and the bill of its materials, and no source map', () => {
    const all = ['index.js', 'index.js.LEGAL.txt', 'package.json', 'sbom.cdx.json']
    for (const name of processNames()) expect(readdirSync(join(dir, name)).sort()).toEqual(all)
  })

  it('is told by the bill, which has what the one process uses and not what others do', () => {
    expect(bill('bridge').metadata.component).toMatchObject({ name: 'bridge', version: packageJson.version })
    expect(packages('hook-evaluate')).toEqual(
      expect.arrayContaining(['re2js', 'ioredis', '@nats-io/jetstream']),
    )
    expect(packages('subject-ingest')).not.toContain('ioredis')
    expect(packages('cron-taskrun')).toContain('ssh2')
    for (const name of processNames()) expect(packages(name)).not.toContain('typescript')
  })

  it('names each package as registries and scanners do, with its licence and digest', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[
      'node_modules/@nats-io/kv'
    ]
    const kv = bill('bridge').components.find(({ name }: { name: string }) => name === '@nats-io/kv')
    expect(kv).toMatchObject({
      purl: `pkg:npm/%40nats-io/kv@${lock.version}`,
      licenses: [{ expression: 'Apache-2.0' }],
    })
    const [{ alg, content }] = kv.hashes
    expect(`${alg.replace('SHA-', 'sha')}-${Buffer.from(content, 'hex').toString('base64')}`).toBe(
      lock.integrity,
    )
  })

  it('is one of the same bytes each time it is built', async () => {
    const again = await mkdtemp(join(tmpdir(), 'ops-events-images-'))
    await writeApps(again)
    const [one, other] = await Promise.all([dir, again].map(at => layerOf(join(at, 'bridge'), 'app')))
    await rm(again, { recursive: true })
    expect(other?.equals(one ?? Buffer.alloc(0))).toBe(true)
  })
})
