import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { postingIn } from '../../../../functions/bridge/ledger/posting.ts'
import { type Child, startChild } from '../../../../infra/local/child.ts'
import { kubeconfigText } from '../../../../infra/local/kubernetes/credentials.ts'
import { hookReader } from '../../../../shared/adapters/hooks.ts'
import { journalIn } from '../../../../shared/adapters/journal.ts'
import { bookIn } from '../../../../shared/adapters/ledger.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../../shared/adapters/publisher.ts'
import { openRedis } from '../../../../shared/adapters/redis.ts'
import type { Line } from '../../../../shared/ledger.ts'
import { describeOnKubernetes, patchStatus } from '../../../kubernetes.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats, ownRedis } from '../../../servers.ts'
import { hookYaml, key } from '../folder-of.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const top = '../../../..'
const door = path(`${top}/functions/watcher/index.ts`)

type Condition = {
  type: string
  status: string
  reason: string
  message: string
  observedGeneration: number
  lastTransitionTime: string
}

describeOnKubernetes('the watcher, by its service account,', {}, async cluster => {
  const { kubectl } = cluster
  const bus = await ownNats()
  const cache = await ownRedis()
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-resources-'))
  const folder = mkdtempSync(join(tmpdir(), 'ops-events-folder-'))
  const kubeconfig = join(dir, 'kubeconfig')
  const nats = openNats(bus.url, 'test', quiet)
  const redis = openRedis(cache.url, quiet)
  const reader = hookReader(nats, redis, quiet)
  const watchers: { child: Child; lines: string[] }[] = []
  /** What all of them ever said. */
  const all: string[] = []

  async function start(): Promise<{ child: Child; lines: string[] }> {
    const lines: string[] = []
    const child = await startChild(process.execPath, [door], {
      env: {
        EVENT_CLUSTER: 'c1',
        EVENT_ENDPOINT: bus.url,
        REDIS_URL: cache.url,
        HOOK_SEAL_KEY: key,
        RESOURCES_DIR: folder,
        KUBECONFIG: kubeconfig,
        PORT: '0',
        LOG_LEVEL: 'debug',
      },
      line(text) {
        lines.push(text)
        all.push(text)
      },
    })
    watchers.push({ child, lines })
    return { child, lines }
  }

  const apply = (yaml: string) => kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], yaml)
  const remove = (what: string) => kubectl(['delete', '-n', 'ops', what])
  const hooks = async () => (await reader.current()).hooks.map(({ id, subject }) => `${id} ${subject}`)
  const comes = (wanted: string[]) =>
    vi.waitFor(async () => expect(await hooks()).toEqual(wanted), { timeout: 60_000, interval: 20 })
  const ready = async (name: string): Promise<Condition> => {
    const { status } = JSON.parse(await kubectl(['get', '-n', 'ops', `eventhooks/${name}`, '-o', 'json']))
    return status.conditions[0]
  }
  const events = async (subject: string) => {
    const js = await jetstreamManager(await nats.opened)
    const { state } = await js.streams.info('ops', { subjects_filter: subject })
    const found = Object.keys(state.subjects ?? {}).length > 0
    return found
      ? {
          count: state.subjects?.[subject] ?? 0,
          last: await js.streams.getMessage('ops', { last_by_subj: subject }),
        }
      : undefined
  }

  beforeAll(async () => {
    for (const name of ['ops', 'ops-system']) await kubectl(['create', 'namespace', name])
    await kubectl(['apply', '-k', path(`${top}/infra/kubernetes/watcher/rbac`)])
    const token = (await kubectl(['create', 'token', '-n', 'ops-system', 'ops-watcher'])).trim()
    writeFileSync(kubeconfig, kubeconfigText({ url: cluster.url, ca: cluster.ca, token }))
  })
  afterAll(async () => {
    for (const { child } of watchers) await child.stop()
    await Promise.all([nats.close(), redis.close()])
    for (const made of [dir, folder]) rmSync(made, { recursive: true, force: true })
  })

  it('goes on with the folder where the CRDs are missing, and says so', async () => {
    writeFileSync(join(folder, 'a.yaml'), hookYaml('in-folder'))
    const { lines } = await start()
    await comes(['ops/in-folder ops.>'])
    expect(lines.join('\n')).toContain('The cluster does not know a kind of ours: apply infra/crds')
  })

  it('takes hooks from the cluster once it knows them', async () => {
    await kubectl(['apply', '--server-side', '-f', path(`${top}/infra/crds`)])
    await kubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all'])
    await apply(hookYaml('a'))
    await comes(['ops/a ops.>', 'ops/in-folder ops.>'])
    await vi.waitFor(
      async () => expect(await ready('a')).toMatchObject({ status: 'True', observedGeneration: 1 }),
      60_000,
    )
  })

  it('has an edit in force soon', async () => {
    await apply(hookYaml('a', { subject: 'ops.a.*' }))
    await comes(['ops/a ops.a.*', 'ops/in-folder ops.>'])
    await apply(hookYaml('a', { subject: 'ops.b.*' }))
    await comes(['ops/a ops.b.*', 'ops/in-folder ops.>'])
  })

  it('keeps a hook in force as it was when its edit cannot be honoured, and says why and where', async () => {
    const before = (await reader.current()).hooks.find(({ name }) => name === 'a')
    await apply(`${hookYaml('a')}  keywords: { matchType: REGEX, include: ['ok', 'a(b'] }\n`)
    const condition = await vi.waitFor(
      async () => {
        const found = await ready('a')
        expect(found.status).toBe('False')
        return found
      },
      { timeout: 60_000, interval: 200 },
    )
    expect(condition).toMatchObject({ type: 'Ready', reason: 'Refused', observedGeneration: 4 })
    expect(condition.message).toMatch(
      /^spec\.keywords\.include\[1\]: "a\(b" cannot be honoured .* at position \d/,
    )
    expect(condition.message).toContain(`revision ${before?.revision} stays in force`)
    expect((await reader.current()).hooks.find(({ name }) => name === 'a')).toEqual(before)
  })

  it('keeps it so through a start of its own', async () => {
    const { revision } = await reader.current()
    const [first] = watchers.splice(0)
    await first?.child.stop()
    const { lines } = await start()
    await vi.waitFor(() => expect(lines.join('\n')).toContain('"msg":"Hooks in force"'), 60_000)
    expect((await reader.current()).revision).toBe(revision)
  })

  it('says it is ready again when it is mended, with the time of that', async () => {
    const { lastTransitionTime } = await ready('a')
    await apply(`${hookYaml('a')}  keywords: { matchType: REGEX, include: ['ok', 'ab'] }\n`)
    await vi.waitFor(async () => expect((await ready('a')).status).toBe('True'), {
      timeout: 60_000,
      interval: 300,
    })
    expect(Date.parse((await ready('a')).lastTransitionTime)).toBeGreaterThanOrEqual(
      Date.parse(lastTransitionTime),
    )
  })

  it('compiles nothing anew for a status', async () => {
    const lines = watchers[0]?.lines ?? []
    const compiled = () => lines.filter(line => line.includes('"msg":"Hooks compiled"')).length
    const before = compiled()
    const { metadata } = JSON.parse(await kubectl(['get', '-n', 'ops', 'eventhooks/a', '-o', 'json']))
    await patchStatus(cluster, 'eventhooks/a', { lastError: 'none' })
    await new Promise(resolve => setTimeout(resolve, 500))
    const after = JSON.parse(await kubectl(['get', '-n', 'ops', 'eventhooks/a', '-o', 'json']))
    expect(after.metadata.generation).toBe(metadata.generation)
    expect(after.status.lastError).toBe('none')
    expect(compiled()).toBe(before)
  })

  it('takes the hook of the cluster where the folder has one of the same name', async () => {
    writeFileSync(join(folder, 'b.yaml'), hookYaml('a', { subject: 'ops.folder' }))
    const said = 'b.yaml:4: metadata.name: it is taken: one in the cluster has the same namespace and name'
    await vi.waitFor(() => expect(watchers[0]?.lines.join('\n')).toContain(said), 60_000)
    expect(await hooks()).toEqual(['ops/a ops.>', 'ops/in-folder ops.>'])
    rmSync(join(folder, 'b.yaml'))
  })

  it('forgets a hook that is deleted', async () => {
    await apply(hookYaml('b'))
    await comes(['ops/a ops.>', 'ops/b ops.>', 'ops/in-folder ops.>'])
    await remove('eventhooks/b')
    await comes(['ops/a ops.>', 'ops/in-folder ops.>'])
  })

  it('publishes the change of the status of a Host once, with two replicas', async () => {
    await start()
    await apply(`
apiVersion: crd.chenshaowen.com/v1
kind: Host
metadata: { name: ip-192-0-2-1.internal, namespace: ops }
spec: { address: 192.0.2.1, password: c2VjcmV0 }
`)
    const status = { hostname: 'node-1', diskUsagePercent: '91%', heartStatus: 'Successed' }
    await patchStatus(cluster, 'hosts/ip-192-0-2-1.internal', status)
    const subject = 'ops.clusters.c1.namespaces.ops.hosts.ip-192-0-2-1_internal.status'
    const first = await vi.waitFor(async () => {
      const found = await events(subject)
      expect(found?.count).toBe(1)
      return found?.last?.json<{ id: string; type: string; data: object }>()
    }, 60_000)
    expect(first).toMatchObject({ type: 'Host', subject, cluster: 'c1' })
    expect(first?.data).toEqual({ cluster: 'c1', address: '192.0.2.1', port: 22, username: 'root', status })
    await kubectl(['label', '-n', 'ops', 'hosts/ip-192-0-2-1.internal', 'a=b'])
    await patchStatus(cluster, 'hosts/ip-192-0-2-1.internal', { heartStatus: 'Failed' })
    await vi.waitFor(async () => expect((await events(subject))?.count).toBe(2), 60_000)
    await new Promise(resolve => setTimeout(resolve, 500))
    expect((await events(subject))?.count).toBe(2)
  })

  it('publishes what changed while it was away, and nothing again', async () => {
    const subject = 'ops.clusters.c1.namespaces.ops.hosts.ip-192-0-2-1_internal.status'
    for (const { child } of watchers.splice(0)) await child.stop()
    await patchStatus(cluster, 'hosts/ip-192-0-2-1.internal', { heartStatus: 'Successed' })
    await start()
    await vi.waitFor(async () => expect((await events(subject))?.count).toBe(3), 60_000)
    const [only] = watchers.splice(0)
    await only?.child.stop()
    const { lines } = await start()
    await vi.waitFor(() => expect(lines.join('\n')).toContain('"msg":"Hooks in force"'), 60_000)
    await new Promise(resolve => setTimeout(resolve, 1_000))
    expect((await events(subject))?.count).toBe(3)
  })

  it('agrees with its twin while a hook is refused, and leaves the status to one that lives', {
    timeout: 240_000,
  }, async () => {
    const [one = await start(), two = await start()] = watchers
    await apply(hookYaml('a', { subject: 'ops..a' }))
    await vi.waitFor(async () => expect((await ready('a')).status).toBe('False'), {
      timeout: 60_000,
      interval: 200,
    })
    const versionOf = () =>
      kubectl(['get', '-n', 'ops', 'eventhooks/a', '-o', 'jsonpath={.metadata.resourceVersion}'])
    const { revision } = await reader.current()
    const version = await versionOf()
    for (let second = 0; second < 6; second++) {
      await new Promise(resolve => setTimeout(resolve, 1_000))
      expect((await reader.current()).revision).toBe(revision)
    }
    expect(await versionOf()).toBe(version)
    const taken = (lines: string[]) => lines.some(line => line.includes('"Lease taken"'))
    expect(taken(one.lines) && taken(two.lines)).toBe(false)
    const writes = taken(one.lines) ? one : two
    await writes.child.kill()
    await apply(hookYaml('a'))
    await vi.waitFor(async () => expect((await ready('a')).status).toBe('True'), {
      timeout: 60_000,
      interval: 300,
    })
  })

  it('writes what is counted of a hook, and nothing while nothing is', { timeout: 120_000 }, async () => {
    const journal = journalIn(nats, publisherOver(nats).publish, randomUUID)
    const { post } = postingIn({ journal, book: bookIn(nats) })
    const status = async () =>
      JSON.parse(await kubectl(['get', '-n', 'ops', 'eventhooks/a', '-o', 'jsonpath={.status}']))
    const count = async (line: Line) => {
      const entry = { at: 1, received: 1, patterns: { 'ops.>': 1 }, hooks: { 'ops/a': line }, places: {} }
      await journal.append('test', entry, await journal.last('test'))
      await post()
    }
    const { revision } = await reader.current()
    const lastMatched = Date.parse('2026-01-02T03:04:05.678Z')
    await count({ counts: { matched: 5, dedup: 2, queued: 3 }, lastMatched })
    await count({ counts: { delivered: 2, dead: 1 }, lastError: { at: 1, reason: 'refused' } })
    const wanted = {
      ...{ matched: 5, delivered: 2, failed: 1, suppressed: 2 },
      ...{ lastMatchedTime: '2026-01-02T03:04:05Z', lastError: 'refused' },
    }
    await vi.waitFor(async () => expect(await status()).toMatchObject(wanted), {
      timeout: 60_000,
      interval: 200,
    })
    expect((await status()).conditions[0].status).toBe('True')

    const version = () =>
      kubectl(['get', '-n', 'ops', 'eventhooks/a', '-o', 'jsonpath={.metadata.resourceVersion}'])
    const written = await version()
    // An entry about no hook in the cluster: the ledger is another one, and this hook's line the same.
    await journal.append(
      'test',
      { at: 2, received: 1, patterns: {}, hooks: { 'ops/none': { counts: {} } }, places: {} },
      await journal.last('test'),
    )
    await post()
    await new Promise(resolve => setTimeout(resolve, 11_000))
    expect(await version()).toBe(written)
    await count({ counts: { matched: 1 } })
    await vi.waitFor(async () => expect((await status()).matched).toBe(6), { timeout: 60_000, interval: 200 })
    expect((await reader.current()).revision).toBe(revision)
  })

  it('needs no right that it does not have', () => {
    expect(all.filter(line => /forbidden/i.test(line))).toEqual([])
  })
})
