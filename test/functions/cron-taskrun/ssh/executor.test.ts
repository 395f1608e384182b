import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { Executor } from '../../../../functions/cron-taskrun/executor.ts'
import { sshExecutor } from '../../../../functions/cron-taskrun/ssh/executor.ts'
import { startProxy } from '../../../proxy.ts'
import { ownSshd } from '../../../sshd.ts'
import { executorContract } from '../executor-contract.ts'
import { processesWith } from '../processes.ts'
import { placeOf, step, workOf } from '../work.ts'
import { hostAt, hostOf, knownKeys, secretsOf } from './hosts.ts'

const sshd = await ownSshd()
const proxy = await startProxy(sshd)
afterAll(() => proxy.stop())
const key = { privatekey: sshd.key }
const secret = secretsOf({ key, strange: { privatekey: sshd.strangeKey, password: 'guessed' } })

const open = (hosts = [hostAt(sshd, 'web-1')], hostKeys = knownKeys()): Executor =>
  sshExecutor({ hosts: async () => hosts, secret, hostKeys, now: () => new Date() })
const on = (host: ReturnType<typeof hostAt>, text = 'echo here', hostKeys = knownKeys()) =>
  open([host], hostKeys)
    .start(workOf([host.metadata.name], [step('one', text)]))
    .then(placeOf)

describe('the SSH executor', () => {
  executorContract({ executor: () => open(), place: 'web-1' })

  it('runs steps on several hosts at once', async () => {
    const names = Array.from({ length: 10 }, (_, number) => `web-${number}`)
    const meet = `${sshd.home}/meet`
    // Each waits for seven others: one after the other they would wait for ever.
    const text = `mkdir -p ${meet}; touch ${meet}/$HOSTNAME; until [ $(ls ${meet} | wc -l) -ge 8 ]; do sleep 0.05; done; echo $HOSTNAME`
    const ended = await open(names.map(name => hostAt(sshd, name))).start(workOf(names, [step('one', text)]))
    expect(ended).toMatchObject({
      state: 'ended',
      places: names.map(place => ({
        place,
        runStatus: 'Successed',
        steps: [{ output: expect.stringContaining(place) }],
      })),
    })
  })

  it('leaves nothing on the host', async () => {
    const place = await on(hostAt(sshd, 'web-1'), 'echo $0; stat -c %a "$0" "$(dirname "$0")"')
    const [script = '', ...modes] = place.steps[0]?.output.trim().split('\n') ?? []
    expect(modes).toEqual(['600', '700'])
    expect(readdirSync('/tmp')).not.toContain(script.split('/')[2])
  })

  it('shows no value and no token to others on the host', async () => {
    const [tag, value, token] = [randomUUID(), randomUUID(), randomUUID()]
    const executor = open()
    const endpoint = `http://ops:${token}@ingest.example`
    const work = workOf(['web-1'], [step('one', `sh -c 'sleep 300; : ${tag}'`)], { endpoint })
    for (const at of work.at) at.env.VALUE = value
    const started = executor.start(work)
    await expect.poll(() => processesWith(tag).length).toBeGreaterThan(0)
    expect([...processesWith(value), ...processesWith(token)]).toEqual([])
    await executor.stop(work.run, 'it was seen')
    await started
  })

  it.each([
    [
      'the address is nobody',
      hostAt(sshd, 'web-1', { port: 1 }),
      /^127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
    ],
    [
      'the name is nobody',
      hostAt(sshd, 'web-1', { address: 'no-such-host.invalid' }),
      /^no-such-host\.invalid:\d+ cannot be reached: /,
    ],
    [
      'its key is another one',
      hostAt(sshd, 'web-1', { secretRef: 'strange' }),
      /^127\.0\.0\.1:\d+ does not let "tester" in: it takes neither key nor password$/,
    ],
    ['it has no Secret', hostAt(sshd, 'web-1', { secretRef: 'none' }), /^Secret "ops\/none" does not exist$/],
    [
      'it has nothing',
      hostOf('web-1', { port: sshd.port }),
      /^it has no spec\.secretRef, with privatekey or password in the Secret, to log in with$/,
    ],
  ])('fails where %s, and tells why', async (_, host, why) => {
    const place = await on(host)
    expect(place).toMatchObject({ runStatus: 'Failed', message: expect.stringMatching(why), steps: [] })
    expect(JSON.stringify(place)).not.toMatch(/PRIVATE KEY|guessed/)
  })

  it('fails on a host that is gone, and not on the others', async () => {
    const ended = await open().start(workOf(['gone', 'web-1'], [step('one', 'echo here')]))
    expect(ended).toMatchObject({
      places: [{ runStatus: 'Failed', message: 'this Host is gone' }, { runStatus: 'Successed' }],
    })
  })

  it('gives up a host that takes the connection and says nothing', async () => {
    proxy.hold()
    const place = await on(hostAt(sshd, 'web-1', { port: proxy.port, timeoutSeconds: 1 }))
    proxy.cut()
    proxy.resume()
    expect(place).toMatchObject({
      runStatus: 'Failed',
      message: `127.0.0.1:${proxy.port} did not let us in within 1 s`,
    })
  })

  it('fails where the connection is cut in the middle, with what was read; and the step there ends', async () => {
    const tag = randomUUID()
    const executor = open([hostAt(sshd, 'web-1', { port: proxy.port })])
    const text = `echo begun; sh -c 'sleep 300; : ${tag}'; true`
    const started = executor.start(workOf(['web-1'], [step('one', text), step('two', 'echo b')]))
    await expect.poll(() => processesWith(`sleep 300; : ${tag}`).length).toBeGreaterThan(0)
    proxy.cut()
    expect(placeOf(await started)).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(/^step "one" was lost: the connection to "web-1" ended: /),
      steps: [{ name: 'one', status: 'Failed', output: expect.stringMatching(/^begun/) }],
    })
    await expect.poll(() => processesWith(tag)).toEqual([])
  })

  it('ends a step at its limit that cannot be told so, since the connection is silent', async () => {
    const executor = open([hostAt(sshd, 'web-1', { port: proxy.port })])
    const tag = randomUUID()
    const text = `sh -c 'sleep 300; : ${tag}'; true`
    const may = { timeoutSeconds: 2, allowFailure: { is: 'constant', value: true } as const }
    const steps = [step('one', text, may), step('two', 'echo b', { timeoutSeconds: 1 })]
    const started = executor.start(workOf(['web-1'], steps))
    await expect.poll(() => processesWith(tag).length).toBeGreaterThan(0)
    proxy.hold()
    expect(placeOf(await started)).toMatchObject({
      runStatus: 'Failed',
      steps: [
        { message: 'step "one" was still running after 2 s' },
        { message: 'step "two" was still running after 1 s' },
      ],
    })
    proxy.cut()
    proxy.resume()
    await expect.poll(() => processesWith(tag)).toEqual([])
  })

  it('says what a script did to its own shell', async () => {
    expect(await on(hostAt(sshd, 'web-1'), 'echo a; kill -9 0')).toMatchObject({
      runStatus: 'Failed',
      message: 'step "one" was killed by SIGKILL, as was all that ran beside it',
    })
  })

  it('lets in by password, by a key with a passphrase, and by a key in base64 in the Host', async () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const world = {
      hostKeys: knownKeys(),
      now: () => new Date(),
      secret: secretsOf({
        password: { password: sshd.password },
        older: { passsword: sshd.password },
        locked: { privatekey: sshd.lockedKey.trim(), passphrase: sshd.passphrase },
        unlocked: { privatekey: sshd.lockedKey },
      }),
    }
    const hosts = [
      ...['password', 'older', 'locked', 'unlocked'].map(name => hostAt(sshd, name, { secretRef: name })),
      ...[
        { privateKey: base64(sshd.key) },
        { privateKey: sshd.key },
        { password: base64(sshd.password) },
      ].map((spec, at) => hostOf(`own-${at}`, { port: sshd.port, username: sshd.username, ...spec })),
    ]
    const names = hosts.map(({ metadata }) => metadata.name)
    const ended = await sshExecutor({ ...world, hosts: async () => hosts }).start(
      workOf(names, [step('one', 'true')]),
    )
    const ways = ended.state === 'ended' ? ended.places.map(({ place, message }) => [place, message]) : []
    expect(Object.fromEntries(ways)).toEqual({
      ...Object.fromEntries(names.map(name => [name, undefined])),
      unlocked: expect.stringMatching(
        /^the private key of Host "ops\/unlocked" cannot be used: .*passphrase/,
      ),
    })
  })

  it('knows a host by the first key that it showed, and refuses another one until that is forgotten', async () => {
    const keys = knownKeys()
    expect(await on(hostAt(sshd, 'web-1'), 'true', keys)).toMatchObject({ runStatus: 'Successed' })
    expect([...keys.known.keys()]).toEqual(['ops/web-1'])
    await sshd.otherKey()
    const refused = await on(hostAt(sshd, 'web-1'), 'true', keys)
    expect(refused).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(
        /^Host "ops\/web-1" at 127\.0\.0\.1:\d+ shows another key than it did: SHA256:\S{43}, and SHA256:\S{43} is known since .* npm run ops -- hosts forget ops\/web-1$/,
      ),
      steps: [],
    })
    await keys.forget('ops/web-1')
    expect(await on(hostAt(sshd, 'web-1'), 'true', keys)).toMatchObject({ runStatus: 'Successed' })
  })

  it('lets nobody in while the known keys cannot be read', async () => {
    const away = () => Promise.reject(new Error('NATS is away'))
    for (const odd of [{ get: away }, { putFirst: away }])
      expect(await on(hostAt(sshd, 'web-1'), 'true', { ...knownKeys(), ...odd })).toMatchObject({
        runStatus: 'Failed',
        message: expect.stringContaining('NATS is away'),
      })
  })
})
