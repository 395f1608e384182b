import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { allProcesses, type Process } from '../../../infra/install/secrets.ts'
import { startChild } from '../../../infra/local/child.ts'
import { kubeconfigText } from '../../../infra/local/kubernetes/credentials.ts'
import { describeManifests } from '../../manifests.ts'
import { type Given, processesOf } from './environment.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'ops-events-manifests-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}
const tokens = file(
  'tokens.yaml',
  `- { name: a, sha256: ${'a'.repeat(64)}, publish: ['>'], read: [], rights: [] }`,
)
const kubeconfig = file('kubeconfig', kubeconfigText({ url: 'https://127.0.0.1:1', ca: '', token: 'none' }))

/** What stands in the Secrets; nothing of it is there. */
const secrets = {
  EVENT_ENDPOINT: 'nats://someone:secret@127.0.0.1:1',
  REDIS_URL: 'redis://someone:secret@127.0.0.1:1',
  DATABASE_URL: 'postgres://someone:secret@127.0.0.1:1/ops',
  BRIDGE_TOKEN: 'a token for the test',
  HOOK_SEAL_KEY: Buffer.alloc(32).toString('base64'),
}

// Mounted files lie elsewhere here, and so does the account's token.
const here = ({ settings, own }: Given): Record<string, string> => ({
  ...settings,
  ...own,
  ...(own.SERVER_TOKENS_FILE && { SERVER_TOKENS_FILE: tokens }),
  KUBECONFIG: kubeconfig,
  PORT: '0',
})

const start = (process: Process, env: Record<string, string>, line?: (text: string) => void) =>
  startChild(globalThis.process.execPath, [join(root, 'functions', process, 'index.ts')], {
    ...{ cwd: dir, env },
    ...(line && { line }),
  })

/** Node's own, and what is set for the memory that it takes. */
const ofNode = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX']

const plain = 'infra/kubernetes/overlays/prod'
const others = ['infra/kubernetes/overlays/dev', 'knative/overlays/dev', 'knative/overlays/prod']

describeManifests('the environment of each process', () => {
  let all: Given[] = []
  const given = new Map<string, Given[]>()
  const namesIn = (overlay: string) =>
    (given.get(overlay) ?? [])
      .map(({ process, settings, own }) => [process, ...Object.keys({ ...settings, ...own }).sort()])
      .sort()

  beforeAll(async () => {
    for (const overlay of [plain, ...others]) given.set(overlay, await processesOf(overlay))
    all = given.get(plain) ?? []
  })

  it('is given to all of them', () => {
    expect(all.map(({ process }) => process).sort()).toEqual(allProcesses.toSorted())
  })

  it('has nothing that its door does not read', () => {
    for (const { process, own, secret } of all) {
      const sources = globSync(join(root, 'functions', process, '**/*.ts')).map(path =>
        readFileSync(path, 'utf8'),
      )
      const unread = [...Object.keys(own), ...secret].filter(
        name => !ofNode.includes(name) && !sources.some(text => new RegExp(`\\b${name}\\b`).test(text)),
      )
      expect([process, unread]).toEqual([process, []])
    }
  })

  it('is enough to start with', async () => {
    await Promise.all(
      all.map(async one => {
        const values = Object.entries(secrets).filter(([name]) => one.secret.includes(name))
        let said = ''
        const child = await start(one.process, { ...here(one), ...Object.fromEntries(values) }, text => {
          said += text
        })
        const listens = expect.stringContaining('"Listening"')
        await vi.waitFor(() => expect([one.process, said]).toEqual([one.process, listens]), 60_000)
        await child.stop(1_000)
      }),
    )
  }, 90_000)

  it('is too little without its Secret, and what is missing is said', async () => {
    await Promise.all(
      all.map(async one => {
        const child = await start(one.process, here(one))
        expect(await child.exited).toBe('code 1')
        const missing = child.tail().match(/[A-Z_]+(?=: it is missing)/g) ?? []
        // What ops-api can do without it gets all the same.
        expect(missing).toEqual(
          one.secret.filter(name => one.process !== 'ops-api' || name !== 'DATABASE_URL'),
        )
      }),
    )
  }, 90_000)

  it('is enough for a leaf cluster to watch, with the URL of its NATS for a Secret', async () => {
    const [watcher, ...more] = await processesOf('infra/kubernetes/leaf')
    if (!watcher) throw new Error('A leaf cluster has a watcher')
    expect(more).toEqual([])
    const { EVENT_ENDPOINT } = secrets
    let said = ''
    const child = await start(watcher.process, { ...here(watcher), EVENT_ENDPOINT }, text => {
      said += text
    })
    await vi.waitFor(() => expect(said).toContain('"Listening"'), 60_000)
    expect(said).toContain('This cluster is only watched')
    await child.stop(1_000)
  }, 90_000)

  it('keeps three copies of each stream in prod, and one in dev', () => {
    const copies = (overlay: string) => (given.get(overlay) ?? []).flatMap(({ own }) => own.REPLICAS ?? [])
    for (const size of ['infra/kubernetes/overlays', 'knative/overlays']) {
      expect(copies(`${size}/prod`)).toEqual(['3', '3'])
      expect(copies(`${size}/dev`)).toEqual(['1', '1'])
    }
  })

  it.each(others)('has in %s the same names', overlay => {
    expect(namesIn(overlay)).toEqual(namesIn(plain))
  })
})
