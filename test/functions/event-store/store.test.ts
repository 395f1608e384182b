import { describe, expect, it } from 'vitest'
import { idOf } from '../../../shared/id.ts'
import { ask } from '../../databases.ts'
import { ownPostgres } from '../../servers.ts'
import { backOff, backOffs, day, minute, noon } from './events.ts'
import { databasesOf, open, sumsFor, sumsOf } from './rig.ts'

const databases = databasesOf(await ownPostgres())
const done = { kind: 'done' }
const occurrencesIn = (many: number) => backOffs(many).reduce((sum, _, at) => sum + (at % 4) + 1, 0)
const partsOf = async (url: string) =>
  (
    await ask<{ name: string }>(
      url,
      `select relid::regclass::text as name from pg_partition_tree('events') where isleaf order by 1`,
    )
  ).map(({ name }) => name)

describe('event-store', () => {
  it('stores each event once, however often and in whatever batches it comes', async () => {
    const url = await databases.fresh()
    const { handle } = await open(url)
    const events = backOffs(300)
    expect(await handle(events)).toEqual(events.map(() => done))
    await handle(events.slice(100, 200))
    await handle([...backOffs(100, 250), ...events.slice(0, 10), ...backOffs(20, 250)])
    expect(await sumsOf(url)).toEqual(sumsFor(350, occurrencesIn(350)))
  })

  it('makes its tables once, when several start at once and store the same', async () => {
    const url = await databases.fresh()
    const stores = await Promise.all([open(url), open(url), open(url)])
    const events = backOffs(200)
    const all = await Promise.all(
      stores.flatMap(({ handle }) => [handle(events), handle(events.toReversed()), handle(events.slice(50))]),
    )
    expect(all.flat().every(outcome => 'kind' in outcome && outcome.kind === 'done')).toBe(true)
    expect(await sumsOf(url)).toEqual(sumsFor(200, occurrencesIn(200)))
  })

  it('counts by five minutes and by what may be told of', async () => {
    const url = await databases.fresh()
    const { handle } = await open(url)
    await handle(backOffs(600))
    const rows = await ask(
      url,
      `select bucket, scope, reason, events, occurrences::int, first_time, last_time from counts order by 1, 3 limit 2`,
    )
    expect(rows[0]).toEqual({
      bucket: new Date(noon),
      scope: 'ops.clusters.c1.namespaces.shop.pods.*.events',
      ...{ reason: 'Reason0', events: 100, occurrences: 250 },
      ...{ first_time: new Date(noon), last_time: new Date(noon + 297_000) },
    })
    expect(await ask(url, 'select distinct bucket from counts order by 1')).toEqual([
      { bucket: new Date(noon) },
      { bucket: new Date(noon + 5 * minute) },
    ])
  })

  it('gives what comes without a time that of its first coming', async () => {
    const url = await databases.fresh()
    let now = noon
    const { handle } = await open(url, { now: () => new Date(now) })
    const untimed = { ...backOff(1), time: undefined }
    for (const at of [noon, noon + minute, noon + day]) {
      now = at
      // biome-ignore lint/suspicious/noExplicitAny: exactOptionalPropertyTypes
      expect(await handle([untimed as any, backOff(2)])).toEqual([done, done])
    }
    expect(await ask(url, 'select time from events order by time')).toEqual([
      { time: new Date(noon) },
      { time: new Date(noon + 2_000) },
    ])
  })

  it('drops one without a time whose id can be no key, and stores the others', async () => {
    const { handle } = await open(await databases.fresh())
    // Nothing that could be kept shorter.
    const id = Array.from({ length: 90 }, (_, at) => idOf('long', String(at))).join('')
    const { time, ...untimed } = backOff(1, { id })
    expect(await handle([untimed, backOff(2)])).toEqual([
      { kind: 'drop', reason: 'Its id and source have 3244 bytes, more than the 2048 that can be a key' },
      done,
    ])
  })

  it('drops what no database takes, with its reason, and stores the others', async () => {
    const url = await databases.fresh()
    const { handle } = await open(url)
    const events = [
      ...backOffs(20),
      backOff(100, { id: 'x'.repeat(3_000) }),
      // Cleaned by itself: this one is harmless.
      backOff(101, { data: { name: 'a\0b', message: 'NUL \0 and \ud800' } }),
      backOff(102, { data: { message: 'm', deep: 'd'.repeat(900_000) } }),
      ...backOffs(20, 20),
    ]
    const outcomes = await handle(events)
    const dropped = Array.isArray(outcomes)
      ? outcomes.flatMap((one, at) => (one.kind === 'done' ? [] : [[at, one]]))
      : []
    expect(dropped).toEqual([
      [
        20,
        { kind: 'drop', reason: 'Its id and source have 3004 bytes, more than the 2048 that can be a key' },
      ],
    ])
    expect(await sumsOf(url)).toMatchObject({ events: 42, counted: 42 })
  })

  it('finds the one among many that the database refuses', async () => {
    const url = await databases.fresh()
    const { handle, database } = await open(url)
    await handle(backOffs(1))
    await database.pool.query(`alter table counts add constraint poison check (reason <> 'Poison') not valid`)
    await database.pool.query(`alter table counts drop constraint poison`)
    await database.pool.query(`create function refuse() returns trigger language plpgsql as
      $$ begin if new.reason = 'Poison' then raise 'no poison' using errcode = '22000'; end if; return new; end $$`)
    await database.pool.query(
      'create trigger refuse before insert on events_14d for each row execute function refuse()',
    )
    const poison = [7, 50].map(at => backOff(at, { data: { reason: 'Poison' } }))
    const outcomes = await handle([...backOffs(7), ...poison, ...backOffs(42, 8)])
    expect(Array.isArray(outcomes) && outcomes.filter(({ kind }) => kind === 'drop')).toEqual(
      poison.map(() => ({ kind: 'drop', reason: 'The database refuses it: no poison' })),
    )
    expect(await sumsOf(url)).toMatchObject({ events: 49, counted: 49 })
  })
})

describe('what is kept', () => {
  const critical = (at: number, time: number) =>
    backOff(at, { time: new Date(time).toISOString(), category: 'node', severitynumber: 21 })
  const plain = (at: number, time: number) =>
    backOff(at, { time: new Date(time).toISOString(), category: 'node', severitynumber: 9 })

  it('lies in a part of its day and its retention, and what is far off elsewhere', async () => {
    const url = await databases.fresh()
    const { handle } = await open(url)
    const far = [noon - 400 * day, noon + 2 * day, noon + 40 * 365 * day]
    await handle([
      ...[plain(1, noon), plain(2, noon - 2 * day), critical(3, noon)],
      ...far.map((time, at) => plain(10 + at, time)),
    ])
    expect(await partsOf(url)).toEqual([
      ...['events_14d_20260129', 'events_14d_20260131', 'events_90d_20260131', 'events_far'],
    ])
    expect(await ask(url, 'select count(*)::int from events_far')).toEqual([{ count: 3 }])
  })

  it('is one row where its retention has changed meanwhile', async () => {
    const url = await databases.fresh()
    await (await open(url)).handle([plain(1, noon), critical(2, noon)])
    await (await open(url, { rules: '- {keep: 3d}' })).handle([
      plain(1, noon),
      critical(2, noon),
      plain(3, noon),
    ])
    expect(await ask(url, 'select keep from events order by id')).toHaveLength(3)
    expect(await sumsOf(url)).toMatchObject({ events: 3, counted: 3 })
  })

  it('is dropped once the last instant of its part is too old, and not before', async () => {
    const url = await databases.fresh()
    let now = noon
    const { handle, swept } = await open(url, { now: () => new Date(now) })
    await handle([plain(1, noon), critical(2, noon), plain(3, noon - 400 * day)])
    const midnight = Date.parse('2026-02-01T00:00:00Z')
    const later = async (time: number) => {
      now = time
      await handle([plain(1_000 + time / minute, time)])
      await swept()
      return (await partsOf(url)).filter(name => name.endsWith('20260131'))
    }
    expect(await later(midnight + 14 * day - 1)).toEqual(['events_14d_20260131', 'events_90d_20260131'])
    expect(await later(midnight + 14 * day + 6 * minute)).toEqual(['events_90d_20260131'])
    expect(await ask(url, 'select count(*)::int from events_far')).toEqual([{ count: 0 }])
    expect(await later(midnight + 90 * day + 12 * minute)).toEqual([])
    expect(await ask(url, `select count(*)::int from counts where bucket < '2026-02-02'`)).toEqual([
      { count: 0 },
    ])
  })

  it('goes later where somebody reads it, and nobody waits for that', async () => {
    const url = await databases.fresh()
    let now = noon
    const { handle, swept, database } = await open(url, { now: () => new Date(now) })
    await handle([plain(1, noon)])
    await swept()
    const reader = await database.pool.connect()
    await reader.query('begin; select * from events')
    now = noon + 20 * day
    const started = performance.now()
    expect(await handle([plain(2, now)])).toEqual([done])
    await swept()
    // Waiting for the reader it would have been given up after ten.
    expect(performance.now() - started).toBeLessThan(8_000)
    expect(await partsOf(url)).toContain('events_14d_20260131')
    await reader.query('commit')
    reader.release()
    now += 6 * minute
    await handle([plain(3, now)])
    await swept()
    expect(await partsOf(url)).not.toContain('events_14d_20260131')
  })

  it('is dropped to the end by a process that is asked to stop meanwhile', async () => {
    const url = await databases.fresh()
    let now = noon
    const { handle, swept, close } = await open(url, { now: () => new Date(now) })
    await handle([plain(1, noon)])
    await swept()
    now = noon + 20 * day
    await handle([plain(2, now)])
    await close()
    expect(await partsOf(url)).not.toContain('events_14d_20260131')
  })

  it('gets its part again where somebody dropped it', async () => {
    const url = await databases.fresh()
    const { handle } = await open(url)
    await handle([plain(1, noon), critical(2, noon)])
    await ask(url, 'drop table events_14d_20260131; drop table events_90d')
    expect(await handle([plain(3, noon), critical(4, noon)])).toEqual([done, done])
    expect(await sumsOf(url)).toMatchObject({ events: 2 })
  })
})

describe('a database that is away', () => {
  it('is waited for with all of a batch, and told of once', async () => {
    const server = await ownPostgres()
    const { handle, lines } = await open(await databasesOf(server).fresh())
    await handle(backOffs(1))
    await server.kill()
    for (const _ of [1, 2, 3])
      expect(await handle(backOffs(10))).toMatchObject({ kind: 'retry', attempted: false })
    await server.restart()
    expect(await handle(backOffs(10))).toEqual(backOffs(10).map(() => done))
    const told = lines
      .filter(({ level }) => level !== 'debug')
      .map(({ level, message }) => `${level}: ${message}`)
    expect(told.filter(line => /away|back/.test(line))).toEqual([
      'error: The database is away: events wait in their stream',
      'info: The database is back',
    ])
  })

  it('is waited for where it is read-only, or has no room for another connection', async () => {
    const url = await databases.fresh()
    const { handle, database } = await open(url)
    await handle(backOffs(1))
    const { pathname } = new URL(url)
    await ask(url, `alter database ${pathname.slice(1)} set default_transaction_read_only = on`)
    const other = await open(url)
    expect(await other.handle(backOffs(5))).toMatchObject({
      ...{ kind: 'retry', attempted: false },
      reason: expect.stringContaining('read-only'),
    })
    // Those that were open before have not heard of it.
    expect(await handle(backOffs(5))).toHaveLength(5)
    await database.pool.query(`alter database ${pathname.slice(1)} reset default_transaction_read_only`)
    await database.pool.query(`alter database ${pathname.slice(1)} connection limit 0`)
    const third = await open(url)
    expect(await third.handle(backOffs(5))).toMatchObject({
      ...{ kind: 'retry', attempted: false },
      reason: expect.stringContaining('too many connections'),
    })
  })
})
