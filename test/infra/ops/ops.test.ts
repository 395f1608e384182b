import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../../infra/ops/run.ts'
import { publishHooks, revisionOf } from '../../../shared/adapters/hooks.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { openApi, openBus, token } from '../../functions/ops-api/rig.ts'
import { quiet } from '../../quiet.ts'
import { ownNats, ownRedis } from '../../servers.ts'

const program = fileURLToPath(new URL('../../../infra/ops/index.ts', import.meta.url))

const [server, cache] = await Promise.all([ownNats(), ownRedis()])
const bus = await openBus(server.url)
const api = await openApi({ nats: server.url, redis: cache.url }, { env: { ACTIVE_NAMESPACE: 'ops' } })
await bus.take('webhook-deliver')

/** As a shell would split it. */
const wordsIn = (args: string) =>
  [...args.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

/** Runs the command line as people do; `code` is what it ends with. */
function ops(args: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> {
  const own = { PATH: process.env.PATH, OPS_API: api.url, OPS_TOKEN: token }
  return new Promise(resolve => {
    const child = execFile(
      process.execPath,
      [program, ...wordsIn(args)],
      { env: { ...own, ...env } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

describe('npm run ops -- deadletters', { timeout: 60_000 }, () => {
  beforeEach(() => bus.clear())

  it('lists, shows and replays', async () => {
    const seq = await bus.buryDelivery('shop/a', 'a.example answered 410')
    await bus.buryDelivery('shop/b', 'b.example\u001b[2J answered 500')
    const listed = await ops('deadletters list --since 1h')
    expect(listed).toMatchObject({ code: 0, err: '' })
    expect(listed.out).toMatch(/^ID +TIME +TRIGGER +HOOK OR SUBJECT +TRIES +REPLAYS +REASON\n/)
    expect(listed.out).toMatch(/ webhook-deliver +shop\/a +3 +0 +a\.example answered 410\n2 of 2\n$/)
    expect(listed.out).not.toContain('\u001b')
    expect((await ops('deadletters --hook shop/a')).out).not.toContain('shop/b')
    expect((await ops('deadletters list --until 1h')).out).toBe('There are no such dead letters\n')

    const shown = JSON.parse((await ops(`deadletters show ${seq}`)).out)
    expect(shown).toMatchObject({ id: String(seq), event: { hook: 'shop/a' } })

    const dry = await ops('deadletters replay --hook shop/a --dry-run')
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('Dry run: 1 planned') })
    expect(await bus.waiting()).toEqual([])
    const done = await ops('deadletters replay --hook shop/a --replay-id r1')
    expect(done).toMatchObject({
      code: 0,
      out: expect.stringMatching(/replayed +\d+ .*\nReplay r1: 1 replayed\n$/),
    })
    expect((await ops('deadletters replay --all --replay-id r1')).out).toContain(
      'Replay r1: 1 replayed, 1 already',
    )
    expect(await bus.waiting()).toHaveLength(2)
  })

  it('goes on until all are sent, and --json is one answer for programs', async () => {
    await Promise.all(Array.from({ length: 1_200 }, () => bus.buryDelivery('shop/a')))
    const done = await ops('deadletters replay --reason 410 --limit 1150 --json')
    expect(done).toMatchObject({ code: 0, err: '' })
    const { counts, list } = JSON.parse(done.out)
    expect(counts).toMatchObject({ replayed: 1_150, failed: 0 })
    expect(list).toHaveLength(1_150)
    expect(await bus.waiting()).toHaveLength(1_150)
  })

  it('ends with 1 when not all could be sent', async () => {
    await bus.bury({ trigger: 'gone', subject: 'ops.a.b.events' })
    const done = await ops('deadletters replay --trigger gone')
    expect(done).toMatchObject({ code: 1, err: 'Some could not be sent again: see above\n' })
    expect(done.out).toContain('no trigger "gone" is at work that would take it')
  })
})

describe('npm run ops -- silences', { timeout: 60_000 }, () => {
  it('adds, lists, shows and ends them', async () => {
    const added = await ops(
      'silences add --name ops/night --subject ops.*.a.> --match data.reason=~Back.* --hook ops/a --for 2h --comment "moving house"',
    )
    expect(added).toMatchObject({ code: 0, err: '' })
    expect(added.out).toMatch(/ops\/night +active .* default +moving house\n$/)
    expect(added.out).toContain('  ops.*.a.> data.reason=~Back.* of ops/a  ')
    const { spec } = JSON.parse((await ops('silences show ops/night')).out)
    expect(spec).toMatchObject({
      subject: 'ops.*.a.>',
      hooks: ['ops/a'],
      matchers: [{ name: 'data.reason', op: '=~', value: 'Back.*' }],
    })
    await ops('silences add --name ops/weekly --cron "0 22 * * 6" --for 2h --time-zone Asia/Shanghai')
    expect((await ops('silences')).out.match(/^ops\/\w+/gm)).toEqual(['ops/night', 'ops/weekly'])
    expect((await ops('silences expire ops/night')).out).toMatch(/ops\/night +expired/)
    expect((await ops('silences list --state expired')).out.match(/^ops\/\w+/gm)).toEqual(['ops/night'])
  })
})

describe('npm run ops -- hooks', { timeout: 60_000 }, async () => {
  const [nats, redis] = [openNats(server.url, 'test', quiet), openRedis(cache.url, quiet)]
  await nats.opened
  afterAll(() => Promise.all([nats.close(), redis.close()]))
  const hook = compiledHook('ops/a', { suspend: true, sealed: 'eA==' })
  await publishHooks(nats, redis, { revision: revisionOf([hook]), hooks: [hook] }, quiet)

  it('lists and shows them', async () => {
    const { out } = await ops('hooks --namespace ops')
    expect(out).toMatch(/^HOOK +TYPE +MATCHED +SUPPRESSED +DELIVERED +WAITING +DEAD +SUBJECT +LAST ERROR\n/)
    expect(out).toMatch(/\nops\/a +webhook, suspended( +0){5} +ops\.>\n$/)
    expect((await ops('hooks --namespace none')).out).toBe('There are no such hooks in force\n')
    const shown = JSON.parse((await ops('hooks show ops/a')).out)
    expect(shown).toMatchObject({ id: 'ops/a', revision: 'r1', counts: { received: 0, matched: 0 } })
  })
})

describe('npm run ops', { timeout: 60_000 }, () => {
  it('tells what there is, and says on the error output what is wrong', async () => {
    expect(await ops('')).toMatchObject({ code: 0, out: expect.stringContaining('deadletters replay') })
    expect(await ops('deadletter list')).toEqual({
      code: 2,
      out: '',
      err: 'There is no "deadletter list": did you mean "deadletters list"?\n',
    })
    const away = await ops('hooks', { OPS_API: 'http://127.0.0.1:1' })
    expect(away).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^Cannot reach ops-api at http:\/\/127\.0\.0\.1:1: .*\n$/),
    })
  })
})

/** The same in this process, where nothing but its words counts. */
async function said(args: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const lines: string[] = []
  const own = { OPS_API: api.url, OPS_TOKEN: token, ...env }
  const print = (line: string) => lines.push(line)
  await run(wordsIn(args), { env: own, local: undefined, now: Date.now(), print, warn: print })
  return lines.join('\n')
}

describe('run()', () => {
  it.each([
    ['--help', 'deadletters replay'],
    ['silences --help', 'silences list'],
    ['silences add --help', '--time-zone <name>'],
  ])('tells by "%s" what there is', async (args, help) => {
    expect(await said(args)).toContain(help)
  })

  const wrong: [args: string, code: number, said: string][] = [
    ['deadletter list', 2, 'There is no "deadletter list": did you mean "deadletters list"?'],
    ['something', 2, 'There is no "something": there are deadletters list'],
    ['deadletters list --hok a/b', 2, 'There is no option --hok: did you mean --hook?'],
    ['deadletters list --limit', 2, "Option '--limit <value>' argument missing"],
    ['deadletters list 5', 2, 'Write it so: deadletters list [options]'],
    ['deadletters show', 2, 'Write it so: deadletters show <id> [options]'],
    ['deadletters list --since yesterday', 2, '--since is "yesterday", it has to be a time such as'],
    ['deadletters list --since 2026-99-01', 2, '--since is "2026-99-01", it has to be a time'],
    ['deadletters replay', 1, 'Nothing is chosen'],
    ['deadletters replay --all --limit 0', 2, '--limit is "0", it has to be a number from 1'],
    ['deadletters list --hook a', 1, 'hook: it has to be namespace/name'],
    ['silences add', 2, 'Give --for 2h or --until'],
    ['silences add --for 2x', 2, '--for is "2x", it has to be a duration such as 90m'],
    ['silences add --for 2h --match a', 2, '--match is "a", it has to be name=value'],
    ['silences add --for 2h --name night', 2, '--name is "night", it has to be namespace/name'],
    ['silences add --cron "0 22 * * 6"', 2, '--cron needs --for'],
    ['silences expire night', 2, '"night" is no silence: it has to be namespace/name'],
    ['silences expire ops/none', 1, 'There is no silence "ops/none"'],
    ['hooks show a', 2, '"a" is no hook'],
  ]
  it.each(wrong)('refuses "%s" with %i and says why', async (args, code, message) => {
    await expect(said(args)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('says that somebody else answers, or that the token is wrong', async () => {
    const stranger = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    onTestFinished(() => void stranger.close())
    const at = stranger.address()
    const OPS_API = `http://127.0.0.1:${typeof at === 'object' ? at?.port : 0}`
    await expect(said('hooks', { OPS_API })).rejects.toMatchObject({
      code: 3,
      message: `What answers at ${OPS_API} is no ops-api: it answered 200`,
    })
    await expect(said('hooks', { OPS_TOKEN: 'wrong' })).rejects.toMatchObject({
      code: 1,
      message: expect.stringContaining('missing or wrong'),
    })
  })
})
