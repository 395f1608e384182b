import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CircuitStore, openCircuits, type Went } from '../../../functions/webhook-deliver/circuits.ts'
import { patientStore } from './circuit-store.ts'

const redis = patientStore()

/** As Redis is when it is away. */
const away: CircuitStore = {
  read: async () => undefined,
  put: async () => false,
  forget: async () => false,
  claim: async () => undefined,
}

let keys = 0
/** Instances of the function with one clock, and a key of their own. */
function world({ store = redis, wait = 20 }: { store?: CircuitStore; wait?: number } = {}) {
  const clock = { now: Date.now() }
  const key = `circuits-test:${process.pid}:${keys++}`
  const instance = () => {
    const circuits = openCircuits(store, { now: () => clock.now, random: () => 0.5, lease: 20_000, wait })
    const enter = () => circuits.enter(key)
    return {
      enter,
      learn: () => circuits.learn([key]),
      /** Sends one, which goes like that; or says why it may not. */
      async send(went: Went): Promise<string> {
        const entry = await enter()
        if ('why' in entry) return entry.why
        await entry.leave(went)
        return 'sent'
      },
    }
  }
  return { clock, instance, key }
}

const refused = { late: false }
const hung = { late: true }

describe('openCircuits()', () => {
  it('lets nothing through after five failures in a row, one after the pause, and all when that was answered', async () => {
    const { clock, instance } = world()
    const one = instance()
    for (let time = 0; time < 4; time++) expect(await one.send(refused)).toBe('sent')
    expect(await one.send('answered')).toBe('sent')
    for (let time = 0; time < 5; time++) expect(await one.send(refused)).toBe('sent')
    expect(await one.enter()).toEqual({
      why: 'has failed again and again and is left alone for 5s',
      after: 5_500,
    })
    clock.now += 5_000
    const probe = await one.enter()
    expect(await one.enter()).toMatchObject({ why: 'has not answered what was sent before' })
    if ('leave' in probe) await probe.leave('answered')
    for (let time = 0; time < 3; time++) expect(await one.enter()).toHaveProperty('leave')
  })

  it('is left alone for longer when the probe fails', async () => {
    const { clock, instance } = world()
    const one = instance()
    for (let time = 0; time < 2; time++) await one.send(hung)
    clock.now += 5_000
    expect(await one.send(hung)).toBe('sent')
    expect(await one.send('answered')).toBe('has failed again and again and is left alone for 15s')
  })

  it('has at most two on their way to a receiver that has not answered yet', async () => {
    const { instance } = world()
    const one = instance()
    const [first, second] = [await one.enter(), await one.enter()]
    expect(await one.enter()).toEqual({ why: 'has not answered what was sent before', after: 2_000 })
    if ('leave' in first) await first.leave('answered')
    for (let time = 0; time < 20; time++) expect(await one.enter()).toHaveProperty('leave')
    if ('leave' in second) await second.leave(refused)
    expect(await one.enter()).toHaveProperty('why')
  })

  it('has at most 32 on their way to one that answers', async () => {
    const { instance } = world()
    const one = instance()
    await one.send('answered')
    const entries = await Promise.all(Array.from({ length: 40 }, one.enter))
    expect(entries.filter(entry => 'leave' in entry)).toHaveLength(32)
    for (const entry of entries.slice(0, 1)) if ('leave' in entry) await entry.leave('answered')
    expect(await one.enter()).toHaveProperty('leave')
  })

  it('lets those wait who come in the meantime, and go when the answer is there', async () => {
    const { instance } = world({ wait: 10_000 })
    const one = instance()
    const [first] = [await one.enter(), await one.enter()]
    const waiting = [one.enter(), one.enter(), one.enter()]
    if ('leave' in first) await first.leave('answered')
    for (const entry of await Promise.all(waiting)) expect(entry).toHaveProperty('leave')
  })

  it('lets nobody wait twice in vain for the same two, and waits again when one has come back', async () => {
    const { instance } = world({ wait: 200 })
    const one = instance()
    const [first, second] = [await one.enter(), await one.enter()]
    for (let time = 0; time < 50; time++) expect(await one.enter()).toHaveProperty('why')
    if ('leave' in first) await first.leave('nothing')
    expect(await one.enter()).toHaveProperty('leave')
    const waiting = one.enter()
    if ('leave' in second) await second.leave('answered')
    expect(await waiting).toHaveProperty('leave')
  })

  it('does not hear what was begun before it opened', async () => {
    const { clock, instance } = world()
    const one = instance()
    await one.send('answered')
    const early = await Promise.all(Array.from({ length: 16 }, one.enter))
    for (const entry of early.slice(0, 15)) if ('leave' in entry) await entry.leave(hung)
    expect(await one.send('answered')).toBe('has failed again and again and is left alone for 5s')
    const [last] = early.slice(15)
    if (last && 'leave' in last) await last.leave('answered')
    expect(await one.send('answered')).toBe('has failed again and again and is left alone for 5s')
    clock.now += 5_000
    expect(await one.send('answered')).toBe('sent')
  })

  it('takes what says nothing about the receiver for nothing', async () => {
    const { instance } = world()
    const one = instance()
    for (let time = 0; time < 20; time++) expect(await one.send('nothing')).toBe('sent')
    expect([await one.enter(), await one.enter(), await one.enter()]).toMatchObject([
      {},
      {},
      { after: 2_000 },
    ])
  })
})

describe('openCircuits() of several instances', () => {
  it('is open in all of them, and closed in all of them', async () => {
    const { clock, instance } = world()
    const [one, two] = [instance(), instance()]
    for (let time = 0; time < 5; time++) await one.send(refused)
    expect(await two.send('answered')).toBe('sent')
    await two.learn()
    expect(await two.send('answered')).toBe('has failed again and again and is left alone for 5s')
    clock.now += 5_000
    expect(await two.send('answered')).toBe('sent')
    await one.learn()
    expect(await one.send('answered')).toBe('sent')
  })

  it('sends one probe at a time in all of them', async () => {
    const { clock, instance } = world()
    const all = [instance(), instance(), instance()]
    const [one] = all
    for (let time = 0; time < 5; time++) await one?.send(refused)
    await Promise.all(all.map(each => each.learn()))
    clock.now += 5_000
    const entries = await Promise.all(all.map(each => each.enter()))
    expect(entries.filter(entry => 'leave' in entry)).toHaveLength(1)
    expect(entries.filter(entry => 'why' in entry)).toEqual([
      { why: 'has failed again and again and is being tried elsewhere', after: 5_000 },
      { why: 'has failed again and again and is being tried elsewhere', after: 5_000 },
    ])
  })

  it('sends another probe when the first one never came back', async () => {
    const { clock, instance, key } = world()
    const [one, two] = [instance(), instance()]
    for (let time = 0; time < 5; time++) await one.send(refused)
    await two.learn()
    clock.now += 5_000
    expect(await one.enter()).toHaveProperty('leave')
    expect(await two.enter()).toHaveProperty('why')
    // Its lease ends.
    await redis.forget(`${key}:probe:${clock.now}`)
    expect(await two.enter()).toHaveProperty('leave')
  })

  it('keeps what has happened while it was asking', async () => {
    const gate = Promise.withResolvers<void>()
    const slow: CircuitStore = {
      ...redis,
      read: keys => gate.promise.then(() => keys.map(() => undefined)),
    }
    const { instance } = world({ store: slow })
    const one = instance()
    const learning = one.learn()
    for (let time = 0; time < 5; time++) await one.send(refused)
    gate.resolve()
    await learning
    expect(await one.send('answered')).toMatch(/left alone/)
  })
})

describe('openCircuits() without Redis', () => {
  it('opens and closes by what this instance knows', async () => {
    const { clock, instance } = world({ store: away })
    const one = instance()
    for (let time = 0; time < 5; time++) expect(await one.send(refused)).toBe('sent')
    await one.learn()
    expect(await one.send('answered')).toMatch(/left alone/)
    clock.now += 5_000
    expect(await one.send('answered')).toBe('sent')
    expect(await one.send('answered')).toBe('sent')
  })

  it('reads nothing into what is no circuit', async () => {
    for (const value of ['', 'x', '{}', '[]', '{"failures":"5"}']) {
      const { instance } = world({ store: { ...away, read: async keys => keys.map(() => value) } })
      const one = instance()
      await one.learn()
      expect(await one.send('answered')).toBe('sent')
    }
  })
})

describe('openCircuits(), whatever happens in whatever order', () => {
  /** What instances share, by their clock. */
  function storeBy(clock: { now: number }): CircuitStore {
    const kept = new Map<string, { value: string; until: number }>()
    const read = (key: string) => {
      const found = kept.get(key)
      return found && found.until > clock.now ? found.value : undefined
    }
    return {
      read: async keys => keys.map(read),
      async put(entries, seconds) {
        for (const [key, value] of entries) kept.set(key, { value, until: clock.now + seconds * 1000 })
      },
      forget: async key => kept.delete(key),
      async claim(key, milliseconds) {
        if (read(key) !== undefined) return false
        kept.set(key, { value: '1', until: clock.now + milliseconds })
        return true
      },
    }
  }

  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('enter' as const), who: fc.nat(1) }),
      fc.record({
        do: fc.constant('leave' as const),
        which: fc.nat(100),
        went: fc.oneof(
          fc.constantFrom<Went>('answered', 'nothing', { late: false }, { late: true }),
          fc.record({ late: fc.constant(false), after: fc.nat(100_000) }),
        ),
      }),
      fc.record({ do: fc.constant('learn' as const), who: fc.nat(1) }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.nat(60_000) }),
    ),
    { maxLength: 60 },
  )

  it('sends no third to who never answered, and is passable again after the longest pause', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async all => {
        const clock = { now: 1_000_000 }
        const store = storeBy(clock)
        const instances = [0, 1].map(() =>
          openCircuits(store, { now: () => clock.now, random: () => 0.5, lease: 20_000, wait: 0 }),
        )
        const flying: { who: number; leave(went: Went): Promise<void> }[] = []
        let answered = false
        for (const step of all) {
          if (step.do === 'pass') clock.now += step.ms
          else if (step.do === 'learn') await instances[step.who]?.learn(['k'])
          else if (step.do === 'leave') {
            const [entry] = flying.splice(step.which % Math.max(flying.length, 1), 1)
            answered ||= entry !== undefined && step.went === 'answered'
            await entry?.leave(step.went)
          } else {
            const entry = await instances[step.who]?.enter('k')
            if (entry && 'leave' in entry) flying.push({ who: step.who, leave: entry.leave })
          }
          const each = [0, 1].map(who => flying.filter(entry => entry.who === who).length)
          if (!answered) expect(Math.max(...each)).toBeLessThanOrEqual(2)
        }
        for (const { leave } of flying) await leave('nothing')
        clock.now += 400_000
        for (const instance of instances) {
          await instance.learn(['k'])
          const entry = await instance.enter('k')
          expect(entry).toHaveProperty('leave')
          if ('leave' in entry) await entry.leave('answered')
        }
      }),
      { numRuns: 300 },
    )
  })
})
