import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { kubeconfigText } from '../../../../infra/local/kubernetes/credentials.ts'
import { hookReader } from '../../../../shared/adapters/hooks.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { openRedis } from '../../../../shared/adapters/redis.ts'
import { silenceReader } from '../../../../shared/adapters/silences.ts'
import { Destination } from '../../../../shared/hookset.ts'
import { sealWith } from '../../../../shared/seal.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats, ownRedis } from '../../../servers.ts'
import { hookYaml, key } from '../folder-of.ts'
import { startWatcher, type Watcher } from '../process.ts'

const path = (name: string) => fileURLToPath(new URL(`../../../../${name}`, import.meta.url))
const canary = 'c4nary'
const patience = { timeout: 30_000, interval: 200 }

describeOnKubernetes('the watcher, by service accounts,', {}, async cluster => {
  const { kubectl } = cluster
  const bus = await ownNats()
  const cache = await ownRedis()
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-intake-'))
  const nats = openNats(bus.url, 'test', quiet)
  const redis = openRedis(cache.url, quiet)
  const reader = hookReader(nats, redis, quiet)
  const silences = silenceReader(nats, quiet)
  const watchers: Watcher[] = []
  const all: string[] = []

  /** A watcher by a service account of ops-system, and no other beside it. */
  async function start(account: string, env: Record<string, string> = {}): Promise<Watcher> {
    for (const { child, lines } of watchers.splice(0)) {
      await child.stop()
      all.push(...lines)
    }
    const token = (await kubectl(['create', 'token', '-n', 'ops-system', account])).trim()
    const kubeconfig = join(dir, account)
    writeFileSync(kubeconfig, kubeconfigText({ url: cluster.url, ca: cluster.ca, token }))
    const watcher = await startWatcher({
      ...{ EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, KUBECONFIG: kubeconfig },
      ...{ SECRETS_SECONDS: '1', STATUS_SECONDS: '1' },
      ...env,
    })
    watchers.push(watcher)
    return watcher
  }

  const apply = (yaml: string) => kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], yaml)
  const withRef = (name: string, spec: Record<string, string> = {}) =>
    hookYaml(name, { secretRef: '{ name: chat, keys: { url: hook } }', ...spec }).replace(/ {2}url:.*\n/, '')
  const secret = (value: string, name = 'chat') =>
    apply(
      `{apiVersion: v1, kind: Secret, metadata: {name: ${name}, namespace: ops}, stringData: {hook: "${value}\\n"}}`,
    )
  const silence = (name: string, spec: string, namespace = 'ops') =>
    apply(
      `{apiVersion: crd.chenshaowen.com/v1, kind: Silence, metadata: {name: ${name}, namespace: ${namespace}}, spec: ${spec}}`,
    )
  const url = async (name: string) => {
    const { sealed = '', id = '' } = (await reader.current()).hooks.find(one => one.name === name) ?? {}
    return Destination.parse(JSON.parse(sealWith(key).open(sealed, id))).url
  }
  const ready = async (what: string) => {
    const { status } = JSON.parse(await kubectl(['get', '-n', 'ops', what, '-o', 'json']))
    return status.conditions[0]
  }
  const says = (what: string, condition: object) =>
    vi.waitFor(async () => expect(await ready(what)).toMatchObject(condition), patience)
  const ids = async () => (await reader.current()).hooks.map(({ id }) => id)
  const silenceIds = async () => (await silences.current()).map(({ id }) => id)

  beforeAll(async () => {
    for (const name of ['ops', 'other', 'ops-system']) await kubectl(['create', 'namespace', name])
    await kubectl(['apply', '--server-side', '-f', path('infra/crds')])
    await kubectl(['wait', '--for=condition=Established', '--timeout=15s', 'crd', '--all'])
    for (const rights of ['rbac', 'secrets'])
      await kubectl(['apply', '-k', path(`infra/kubernetes/watcher/${rights}`)])
  })
  afterAll(async () => {
    for (const { child } of watchers) await child.stop()
    await Promise.all([nats.close(), redis.close()])
    rmSync(dir, { recursive: true, force: true })
  })

  it('tells of a Secret that there is not, and takes it when it is there', async () => {
    await start('ops-watcher')
    await apply(withRef('a'))
    await says('eventhooks/a', {
      ...{ status: 'False', reason: 'SecretMissing' },
      message: 'spec.secretRef.name: Secret "ops/chat" does not exist; no revision is in force',
    })
    await secret(`https://h.example/${canary}-one`)
    await vi.waitFor(async () => expect(await url('a')).toBe(`https://h.example/${canary}-one`), patience)
    await says('eventhooks/a', { status: 'True', reason: 'InForce' })
  })

  it('has another value in force, and keeps the last one of a key or a Secret that is gone', async () => {
    await secret(`https://h.example/${canary}-two`)
    await vi.waitFor(async () => expect(await url('a')).toBe(`https://h.example/${canary}-two`), patience)
    await apply(withRef('a', { secretRef: '{ name: chat, keys: { url: hock } }' }))
    await says('eventhooks/a', { status: 'False', reason: 'SecretMissing' })
    const { message } = await ready('eventhooks/a')
    expect(message).toMatch(
      /^spec\.secretRef\.keys\.url: Secret "ops\/chat" has no key "hock"; revision \w{16} stays in force$/,
    )
    expect(await url('a')).toBe(`https://h.example/${canary}-two`)
    await apply(withRef('a'))
    await says('eventhooks/a', { status: 'True' })
  })

  it('shows in the status nothing of a url that is none', async () => {
    await secret(`${canary}://x`)
    await says('eventhooks/a', { status: 'False', reason: 'Refused' })
    expect((await ready('eventhooks/a')).message).toContain(
      'what Secret "chat" has as "hook" is no web address',
    )
    await secret(`https://h.example/${canary}-three`)
    await says('eventhooks/a', { status: 'True' })
  })

  it('says what to grant where it may not read Secrets', async () => {
    await kubectl(['delete', 'clusterrolebinding', 'ops-watcher-secrets'])
    await apply(withRef('b', { secretRef: '{ name: pager, keys: { url: hook } }' }))
    await says('eventhooks/b', { status: 'False', reason: 'SecretForbidden' })
    expect((await ready('eventhooks/b')).message).toContain(
      'the watcher may not read Secret "ops/pager": grant it "get" on secrets, infra/kubernetes/watcher/secrets/rbac.yaml says how',
    )
    await secret('http://h.example/pager', 'pager')
    await kubectl(['apply', '-f', path('infra/kubernetes/watcher/secrets/rbac.yaml')])
    await says('eventhooks/b', { status: 'True' })
  })

  it('never lists Secrets, since it may not', async () => {
    const may = (verb: string) =>
      kubectl([
        'auth',
        'can-i',
        verb,
        'secrets',
        '-n',
        'ops',
        '--as=system:serviceaccount:ops-system:ops-watcher',
      ])
    expect(await may('get')).toContain('yes')
    for (const verb of ['list', 'watch']) await expect(may(verb)).rejects.toThrow()
  })

  it('says in the status of a hook that it feeds itself by way of another one', async () => {
    const event = (name: string, subject: string, target: string) =>
      apply(hookYaml(name, { type: 'event', subject, url: target }))
    await event('there', 'ops.*.events', 'alerts')
    await event('back', 'ops.*.alerts', 'events')
    await says('eventhooks/there', {
      status: 'True',
      message: expect.stringMatching(/is in force, but it and "ops\/back" feed each other/),
    })
    await event('back', 'ops.*.alerts', 'findings')
    await says('eventhooks/there', { message: expect.stringMatching(/^Revision \w+ is in force$/) })
    await event('itself', 'ops.>', 'ops.alerts')
    await says('eventhooks/itself', { status: 'False', reason: 'Refused' })
  })

  it('says in the status what the API server lets through', async () => {
    await apply(hookYaml('late', { dedup: '{ window: 25h }', filters: '[{ not: { exakt: { type: a } } }]' }))
    await says('eventhooks/late', {
      ...{ status: 'False', reason: 'Refused' },
      message:
        'spec.dedup.window: it has to be a duration from 1s to 1d, such as 10m; spec.filters[0].not.exakt: there is no filter "exakt": did you mean "exact"?; no revision is in force',
    })
    await kubectl(['delete', '-n', 'ops', 'eventhooks/late'])
  })

  it('takes silences in, says how they stand, and lets go of those that are deleted', async () => {
    await silence('night', '{ schedule: { cron: "0 22 * * *", duration: 8h }, comment: backups }')
    await vi.waitFor(async () => expect(await silenceIds()).toEqual(['ops/night']), patience)
    await says('silences/night', { status: 'True', message: 'It is taken in', observedGeneration: 1 })
    await silence('night', '{ schedule: { cron: "0 25 * * *", duration: 8h } }')
    await says('silences/night', { status: 'False', reason: 'Refused', observedGeneration: 2 })
    expect((await ready('silences/night')).message).toMatch(
      /^spec\.schedule: .* is no cron: .*; it stays as it was before$/,
    )
    expect((await silences.current())[0]?.spec.schedule?.cron).toBe('0 22 * * *')
    expect(await kubectl(['get', 'silences', '-n', 'ops'])).toMatch(/ops\.>\s+0 25 \* \* \*\s+False/)
    await kubectl(['delete', '-n', 'ops', 'silence/night'])
    await vi.waitFor(async () => expect(await silenceIds()).toEqual([]), patience)
  })

  it('reads nothing of other namespaces where it is told one, with rights in that alone', async () => {
    await kubectl(['delete', 'clusterrolebinding', 'ops-watcher-resources', 'ops-watcher-secrets'])
    for (const role of ['ops-watcher-resources', 'ops-watcher-secrets'])
      await kubectl([
        ...['create', 'rolebinding', role, '-n', 'ops', `--clusterrole=${role}`],
        '--serviceaccount=ops-system:ops-watcher',
      ])
    await silence('here', '{ until: "2099-01-01T00:00:00Z" }')
    await silence('elsewhere', '{ until: "2099-01-01T00:00:00Z" }', 'other')
    await apply(hookYaml('elsewhere').replace('namespace: ops', 'namespace: other'))
    const { lines, url: watcher } = await start('ops-watcher', { WATCH_NAMESPACE: 'ops' })
    await vi.waitFor(async () => expect((await fetch(`${watcher}/readyz`)).status).toBe(200), patience)
    await vi.waitFor(async () => expect(await silenceIds()).toEqual(['ops/here']), patience)
    expect(await ids()).toEqual(['ops/a', 'ops/b', 'ops/back', 'ops/there'])
    await apply(hookYaml('c'))
    await vi.waitFor(async () => expect(await ids()).toContain('ops/c'), patience)
    expect(await ids()).not.toContain('other/elsewhere')
    expect(lines.join('\n')).not.toContain('Cannot read resources')
    expect(lines.join('\n')).not.toContain('may not read')
  })

  it('says what to grant where it may only read events, and is not ready', async () => {
    await kubectl(['create', 'serviceaccount', '-n', 'ops-system', 'only-events'])
    await kubectl([
      ...['create', 'clusterrolebinding', 'only-events', '--clusterrole=ops-watcher-events'],
      '--serviceaccount=ops-system:only-events',
    ])
    const { lines, url: watcher } = await start('only-events')
    const said = (resource: string) =>
      lines.map(line => JSON.parse(line)).filter(line => line.resource === resource && line.level === 'warn')
    await vi.waitFor(() => {
      expect(said('eventhooks')).toHaveLength(1)
      expect(said('silences')).toHaveLength(1)
    }, patience)
    expect(said('eventhooks')[0].msg).toBe(
      'The account may not read eventhooks of the cluster: grant it list and watch on eventhooks in all namespaces, as infra/kubernetes/watcher/rbac/resources.yaml does. Asking again; until then no hook is compiled',
    )
    expect(said('eventhooks')[0].err).toContain('cannot list resource "eventhooks"')
    expect((await fetch(`${watcher}/readyz`)).status).toBe(503)
  })

  it('shows no value of a Secret in status or log', async () => {
    const status = await kubectl(['get', 'eventhooks,silences', '-A', '-o', 'json'])
    const log = [...all, ...watchers.flatMap(({ lines }) => lines)].join('\n')
    expect(status).toContain('"name": "chat"')
    expect(log).toContain('ops/chat')
    for (const text of [status, log]) expect(text).not.toContain(canary)
  })
})
