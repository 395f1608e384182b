import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Want } from '../../../functions/watcher/compile.ts'
import { secretKeeper } from '../../../functions/watcher/secrets.ts'
import { Destination } from '../../../shared/hookset.ts'
import { sealWith } from '../../../shared/seal.ts'
import type { Secret } from '../../../shared/secret.ts'
import { complaints, hookYaml, key, memoryFolder } from './folder-of.ts'

const withRef = (name: string, keys: string, spec: Record<string, string> = {}) =>
  hookYaml(name, { secretRef: `{ name: chat, keys: ${keys} }`, ...spec })
const withoutUrl = (text: string) => text.replace(/ {2}url:.*\n/, '')
const opened = (sealed = '', id = 'ops/a') => Destination.parse(JSON.parse(sealWith(key).open(sealed, id)))

/** A folder whose Secrets can be changed. */
function withSecrets() {
  const secrets = new Map<string, Secret>()
  const set = (id: string, values: Record<string, string>) =>
    secrets.set(id, { values: new Map(Object.entries(values)) })
  return { ...memoryFolder(id => secrets.get(id)), secrets, set }
}

describe('a hook with a secretRef', () => {
  it('has the values sealed in place of what stands in the spec', () => {
    const { set, write } = withSecrets()
    set('ops/chat', { hook: 'https://s3cret.example/k3y', token: 't0ken' })
    const text = withRef('a', '{ url: hook, options.secret: token }', {
      options: '{ secret: old, other: kept }',
    })
    for (const one of [text, withoutUrl(text)]) {
      const [placed] = write({ 'a.yaml': one }).placed
      expect(JSON.stringify(placed)).not.toMatch(/s3cret|k3y|t0ken/)
      expect(opened(placed?.hook.sealed)).toEqual({
        url: 'https://s3cret.example/k3y',
        options: { secret: 't0ken', other: 'kept' },
        additional: '',
      })
    }
  })

  it('has another revision with another value, and the same with the same', () => {
    const { set, write } = withSecrets()
    const files = { 'a.yaml': withRef('a', '{ options.secret: token }') }
    set('ops/chat', { token: 'one' })
    const [one] = write(files).placed
    expect(write(files).placed[0]?.hook).toBe(one?.hook)
    set('ops/chat', { token: 'two' })
    const [two] = write(files).placed
    expect(two?.hook.revision).not.toBe(one?.hook.revision)
    set('ops/chat', { token: 'one' })
    expect(write(files).placed[0]?.hook.revision).toBe(one?.hook.revision)
  })

  it('waits for its Secret, as it was before where it was', () => {
    const { secrets, set, write } = withSecrets()
    const files = { 'a.yaml': withRef('a', '{ options.secret: token }') }
    expect(write(files)).toMatchObject({ placed: [], refused: [], waiting: ['ops/a'] })
    set('ops/chat', { token: 'one' })
    const [before] = write(files).placed
    secrets.clear()
    const waiting = write({ 'a.yaml': withRef('a', '{ options.secret: token }', { subject: 'ops.new' }) })
    expect(waiting).toMatchObject({ refused: [], waiting: ['ops/a'] })
    expect(waiting.placed[0]?.hook).toBe(before?.hook)
  })

  it('stays as it was when its Secret is gone, or has lost the key, and says so', () => {
    const { secrets, set, write } = withSecrets()
    const files = { 'a.yaml': withRef('a', '{ url: hook, options.secret: token }') }
    set('ops/chat', { hook: 'http://h', token: 'one' })
    const [before] = write(files).placed
    set('ops/chat', { hook: 'http://h' })
    const lost = write(files)
    expect(lost.placed[0]?.hook).toBe(before?.hook)
    expect(lost.refused).toMatchObject([{ hook: 'ops/a', reason: 'SecretMissing' }])
    expect(complaints(lost)).toEqual([
      '10 spec.secretRef.keys.options.secret: Secret "ops/chat" has no key "token"',
    ])
    secrets.set('ops/chat', { reason: 'SecretMissing', problem: 'Secret "ops/chat" does not exist' })
    const gone = write(files)
    expect(gone.placed[0]?.hook).toBe(before?.hook)
    expect(complaints(gone)).toEqual(['10 spec.secretRef.name: Secret "ops/chat" does not exist'])
  })

  it('never shows what its url is', () => {
    const { set, write } = withSecrets()
    for (const url of ['s3cret', 's3cret://h', 'ftp://s3cret', '', 'http://', 'javascript:s3cret']) {
      set('ops/chat', { hook: url })
      const compiled = write({ 'a.yaml': withRef('a', '{ url: hook }') })
      expect(complaints(compiled)).toEqual([
        '10 spec.secretRef.keys.url: what Secret "chat" has as "hook" is no web address, it has to be http://host/path or https://host/path',
      ])
      expect(JSON.stringify(compiled)).not.toContain('s3cret')
    }
  })

  it.each([
    [
      '{ name: ../../etc, keys: { url: a } }',
      /secretRef\.name: it is "\.\.\/\.\.\/etc": a Secret's name has/,
    ],
    ['{ name: a, keys: { url: ../b } }', /secretRef\.keys\.url: it is "\.\.\/b": a key of a Secret has/],
    ['{ name: a, keys: { url: .. } }', /secretRef\.keys\.url: it is "\.\.": a key/],
    ['{ name: a, keys: {} }', /secretRef\.keys: it is empty/],
    [
      '{ name: a, keys: { uri: b } }',
      /secretRef\.keys\.uri: there is no field "uri" here: url is one, and options/,
    ],
    ['{ name: a, key: { url: b } }', /secretRef\.keys: it is missing \(Which field of the hook/],
    ['{ keys: { url: b } }', /secretRef\.name: it is missing \(Name of the Secret/],
  ])('%s is refused, and nothing is read', (secretRef, said) => {
    const compiled = withSecrets().write({ 'a.yaml': hookYaml('a', { secretRef }) })
    expect(complaints(compiled).join()).toMatch(said)
    expect(compiled.wanted).toEqual([])
    expect(compiled.waiting).toEqual([])
  })

  it('of a namespace that is none is refused, and nothing is read', () => {
    const text = withRef('a', '{ url: hook }').replace('namespace: ops', 'namespace: ../ops')
    const compiled = withSecrets().write({ 'a.yaml': text })
    expect(complaints(compiled).join()).toContain('metadata.namespace: it is "../ops"')
    expect(compiled.wanted).toEqual([])
  })

  it('of type event has no secret target', () => {
    const { set, write } = withSecrets()
    set('ops/chat', { hook: 'alerts' })
    const compiled = write({ 'a.yaml': withRef('a', '{ url: hook }', { type: 'event' }) })
    expect(complaints(compiled)).toEqual([
      '10 spec.secretRef.keys.url: for type event the url is the subject to publish on, which every event shows: it is no secret',
    ])
  })
})

describe('secretKeeper()', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const want = (hook: string, id: string, keys: string[], spec = '1'): Want => ({ hook, id, keys, spec })

  /** A keeper, and what was read: `id keys` each; `answer` is what there is to read. */
  function keeping() {
    const reads: string[] = []
    const changed = vi.fn()
    const warn = vi.fn()
    const world = { answer: async (_id: string): Promise<Secret> => ({ values: new Map([['k', 'v']]) }) }
    const keeper = secretKeeper({
      read(id, keys) {
        reads.push(`${id} ${keys}`)
        return world.answer(id)
      },
      changed,
      wall: Date.now,
      log: { debug() {}, info() {}, error() {}, warn },
    })
    return { ...keeper, reads, changed, warn, world }
  }
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

  it('reads a Secret once for all hooks, and again each minute', async () => {
    const { of, want: wanted, reads, changed, stop } = keeping()
    const all = Array.from({ length: 50 }, (_, n) => want(`ops/h${n}`, 'ops/s', [n % 2 ? 'k' : 'l']))
    wanted(all)
    expect(of('ops/s', ['k'])).toBeUndefined()
    await pass(1_000)
    expect(reads).toEqual(['ops/s l,k'])
    expect(of('ops/s', ['k'])).toEqual({ values: new Map([['k', 'v']]) })
    expect(changed).toHaveBeenCalledTimes(1)
    wanted(all)
    await pass(59_500)
    expect(reads).toHaveLength(2)
    expect(changed, 'the same was read').toHaveBeenCalledTimes(1)
    stop()
    await pass(120_000)
    expect(reads).toHaveLength(2)
  })

  it('reads it again by the clock, whenever it was started', async () => {
    vi.setSystemTime(50_000)
    const { want: wanted, reads, stop } = keeping()
    wanted([want('ops/a', 'ops/s', ['k'])])
    await pass(9_999)
    expect(reads).toHaveLength(1)
    await pass(1)
    expect(reads).toHaveLength(2)
    await pass(60_000)
    expect(reads).toHaveLength(3)
    stop()
  })

  it('reads it at once for a hook that is new, changed, or wants another key', async () => {
    const { of, want: wanted, reads, stop } = keeping()
    wanted([want('ops/a', 'ops/s', ['k'])])
    await pass(200)
    wanted([want('ops/a', 'ops/s', ['k']), want('ops/b', 'ops/s', ['k'])])
    await pass(200)
    wanted([want('ops/a', 'ops/s', ['k'], '2'), want('ops/b', 'ops/s', ['k'])])
    await pass(200)
    wanted([want('ops/a', 'ops/s', ['k', 'm'], '3'), want('ops/b', 'ops/s', ['k'])])
    expect(of('ops/s', ['m'])).toBeUndefined()
    await pass(200)
    expect(reads).toEqual(['ops/s k', 'ops/s k', 'ops/s k', 'ops/s k,m'])
    expect(of('ops/s', ['m'])).toBeDefined()
    stop()
  })

  it('forgets what no hook wants', async () => {
    const { of, want: wanted, reads, stop } = keeping()
    wanted([want('ops/a', 'ops/s', ['k'])])
    await pass(200)
    wanted([])
    expect(of('ops/s', ['k'])).toBeUndefined()
    await pass(120_000)
    expect(reads).toHaveLength(1)
    stop()
  })

  it('tells of another value, of one that is gone and of one that is back', async () => {
    const { of, want: wanted, changed, world, stop } = keeping()
    wanted([want('ops/a', 'ops/s', ['k'])])
    await pass(200)
    const answers: Secret[] = [
      { values: new Map([['k', 'other']]) },
      { reason: 'SecretMissing', problem: 'it is gone' },
      { values: new Map([['k', 'other']]) },
    ]
    for (const [index, answer] of answers.entries()) {
      world.answer = async () => answer
      await pass(60_000)
      expect(of('ops/s', ['k'])).toBe(answer)
      expect(changed).toHaveBeenCalledTimes(index + 2)
    }
    stop()
  })

  it('keeps what it knows while nobody answers, which is said once', async () => {
    const { of, want: wanted, changed, warn, world, stop } = keeping()
    wanted([want('ops/a', 'ops/s', ['k'])])
    await pass(200)
    const known = of('ops/s', ['k'])
    world.answer = () => Promise.reject(new Error('away'))
    await pass(180_000)
    expect(of('ops/s', ['k'])).toBe(known)
    expect(changed).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls).toEqual([
      [{ secret: 'ops/s', err: 'away' }, 'Cannot read a Secret, trying again'],
    ])
    stop()
  })

  it('says what it cannot read where it never could', async () => {
    const { of, want: wanted, world, stop } = keeping()
    world.answer = () => Promise.reject(new Error('away'))
    wanted([want('ops/a', 'ops/s', ['k'])])
    await pass(200)
    expect(of('ops/s', ['k'])).toEqual({
      reason: 'SecretUnreadable',
      problem: 'Secret "ops/s" cannot be read yet: away',
    })
    stop()
  })

  it('is held up by no Secret that takes its time, and reads eight at once', async () => {
    const { of, want: wanted, reads, world, stop } = keeping()
    const slow = Promise.withResolvers<Secret>()
    const { answer } = world
    world.answer = id => (id === 'ops/slow' ? slow.promise : answer(id))
    wanted([want('ops/a', 'ops/slow', ['k']), want('ops/b', 'ops/s', ['k'])])
    await pass(200)
    expect(of('ops/s', ['k'])).toBeDefined()
    expect(of('ops/slow', ['k'])).toBeUndefined()
    world.answer = () => slow.promise
    wanted(Array.from({ length: 20 }, (_, n) => want('ops/a', `ops/${n}`, ['k'])))
    expect(reads).toHaveLength(2 + 7)
    slow.resolve({ values: new Map() })
    await pass(200)
    expect(reads).toHaveLength(2 + 20)
    stop()
  })
})
