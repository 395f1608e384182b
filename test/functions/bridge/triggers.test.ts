import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  allTriggers,
  Duration,
  ownTriggers,
  ownTriggerVariables,
  servedTriggers,
  Trigger,
} from '../../../functions/bridge/triggers.ts'
import { holdersOf } from '../../../infra/install/secrets.ts'
import { Order } from '../../../shared/orders.ts'
import { subjectMatches } from '../../../shared/subject.ts'

describe('Duration', () => {
  it.each([
    ['PT0.5S', 500],
    ['PT30S', 30_000],
    ['PT2M', 120_000],
    ['PT1H1M1S', 3_661_000],
    ['P1DT1S', 86_401_000],
    ['P2D', 172_800_000],
  ])('reads %s', (text, milliseconds) => expect(Duration.parse(text)).toBe(milliseconds))

  it.each(['', 'P', 'PT', '30', '30s', 'PT-1S', 'P1Y', 'PT1S1M', 'PT.5S', 'pt1s', 'PT1.5M', 'P1DT'])(
    'refuses %j',
    text => expect(Duration.safeParse(text).error?.issues[0]?.message).toContain('ISO 8601'),
  )
})

describe('ownTriggers()', () => {
  const called = holdersOf('BRIDGE_TOKEN').filter(name => name !== 'bridge')
  const urlOf = (name: string) => `${name.toUpperCase().replaceAll('-', '_')}_URL`

  it('call each function that lets the bridge in', () => {
    const urls = Object.fromEntries(called.map(name => [urlOf(name), `http://${name}/`]))
    const hosts = ownTriggers(z.object(ownTriggerVariables).parse(urls)).map(
      trigger => new URL(trigger.sink.uri).host,
    )
    expect([...new Set(hosts)].sort()).toEqual(called.toSorted())
  })

  it.each([
    'infra/kubernetes/bridge/deployment.yaml',
    'infra/openfaas/bridge.yaml',
    'infra/local/processes.ts',
  ])('are told in %s where each of them is', path => {
    const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
    const told = Object.keys(ownTriggerVariables).filter(name => text.includes(name))
    expect(told.sort()).toEqual(called.map(urlOf).sort())
  })
})

describe('allTriggers()', () => {
  const own = ownTriggers({ HOOK_EVALUATE_URL: 'http://h/', WEBHOOK_DELIVER_URL: 'http://w/' })
  const mine = { name: 'mine', filter: { subjects: ['ops.>'] }, sink: { uri: 'http://x/' } }

  it('has only the own triggers whose functions have a URL', () => {
    expect(ownTriggers({})).toEqual([])
    expect(own.map(({ name }) => name)).toEqual(['hook-evaluate', 'webhook-deliver'])
  })

  it('stores all events, in large batches and whatever hooks there are', () => {
    expect(ownTriggers({ EVENT_STORE_URL: 'http://s/' })).toMatchObject([
      {
        name: 'event-store',
        filter: { subjects: ['ops.>'] },
        covers: 'all',
        own: true,
        ordered: false,
        batch: 500,
      },
    ])
  })

  it('tries a delivery for a day, or as long as is said', () => {
    expect(own[1]?.delivery).toMatchObject({
      backoffPolicy: 'ladder',
      maxAge: 24 * 3600_000,
      backlog: 10_000,
    })
    const shorter = { WEBHOOK_DELIVER_URL: 'http://w/', DELIVERY_MAX_AGE: 90_000 }
    expect(ownTriggers(shorter)[0]?.delivery.maxAge).toBe(90_000)
  })

  it('replaces the fields that one of the same name gives, and keeps the others', () => {
    const [evaluate] = allTriggers(own, [{ name: 'hook-evaluate', batch: 7, delivery: { timeout: 'PT5S' } }])
    expect(evaluate).toEqual({ ...own[0], batch: 7, delivery: { ...own[0]?.delivery, timeout: 5_000 } })
  })

  it('keeps the age of deliveries beside other fields, or replaces it', () => {
    const [, one] = allTriggers(own, [{ name: 'webhook-deliver', delivery: { backlog: 7 } }])
    expect(one?.delivery).toEqual({ ...own[1]?.delivery, backlog: 7 })
    const [, other] = allTriggers(own, [{ name: 'webhook-deliver', delivery: { maxAge: 'PT1H' } }])
    expect(other?.delivery).toEqual({ ...own[1]?.delivery, maxAge: 3600_000 })
  })

  it('adds others with defaults', () => {
    expect(allTriggers(own, [mine])[2]).toMatchObject({
      batch: 1,
      concurrency: 8,
      own: false,
      deliverPolicy: 'new',
    })
  })

  it('reads an empty file as none', () => expect(allTriggers(own, null)).toEqual(own))

  it.each([
    [{ ...mine, batch: 0 }, 'trigger "mine": batch'],
    [
      { ...mine, delivery: { backoffDelay: '5s' } },
      'trigger "mine": delivery.backoffDelay: it has to be an ISO 8601',
    ],
    [{ ...mine, filter: { subjects: ['ops..a'] } }, 'trigger "mine": filter.subjects.0'],
    [{ ...mine, sink: { uri: 'ftp://x/' } }, 'trigger "mine": sink.uri: it has to be http:// or https://'],
    [{ ...mine, name: 'My.Trigger' }, 'trigger "My.Trigger": name'],
    [{ ...mine, retries: 3 }, 'trigger "mine": Unrecognized key'],
    [{ name: 'hook-evaluate', delivery: { retry: -1 } }, 'trigger "hook-evaluate": delivery.retry'],
  ])('names trigger and field of %j', (given, message) => {
    expect(() => allTriggers(own, [given])).toThrow(message)
  })

  it('refuses what is no list of named objects', () => {
    expect(() => allTriggers(own, { name: 'x' })).toThrow('a list of objects with a name')
    expect(() => allTriggers(own, [{ batch: 1 }])).toThrow('a list of objects with a name')
  })

  it('knows every trigger again that it made', () => {
    for (const trigger of own) expect(Trigger.parse({ ...trigger, delivery: {} }).name).toBe(trigger.name)
  })
})

describe('the triggers of runs', () => {
  const runs = ownTriggers({ CRON_TASKRUN_URL: 'http://r/' })
  const takersOf = (subject: string, triggers: Trigger[]) =>
    triggers
      .filter(({ filter }) => filter.subjects.some(pattern => subjectMatches(pattern, subject)))
      .map(({ name }) => name)
  const orders = Order.options.map(({ shape }) => shape.order.value)

  it.each(orders)('take each order once: %s', order => {
    const held = order === 'start' || order === 'probe'
    const subject = `runs.shop.taskruns.nightly.${order}`
    expect(takersOf(subject, runs)).toEqual([held ? 'cron-taskrun-held' : 'cron-taskrun'])
    expect(takersOf(subject, servedTriggers(runs, true))).toHaveLength(1)
    expect(takersOf(subject, servedTriggers(runs, false))).toEqual(['cron-taskrun'])
  })

  it('are one where the server cannot filter for several subjects, which has the patience of both', () => {
    const [soon, held] = runs
    const other = Trigger.parse({ name: 'mine', filter: { subjects: ['ops.>'] }, sink: { uri: 'http://x/' } })
    expect(servedTriggers([...runs, other], false)).toEqual([
      {
        ...soon,
        filter: { subjects: ['runs.>'] },
        held: true,
        delivery: { ...soon?.delivery, timeout: held?.delivery.timeout },
      },
      other,
    ])
  })
})
