import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { leafSecrets, urlOf } from '../../../infra/install/leaf.ts'
import { type rotations as all, retirements, rotations } from '../../../infra/install/rotate.ts'
import { type Secret, secretOf } from '../../../infra/install/secret.ts'
import { holdersOf, installed } from '../../../infra/install/secrets.ts'
import { passwordsIn } from '../../../infra/nats/files.ts'
import { sealWith } from '../../../shared/seal.ts'
import { tokensIn } from '../../../shared/token.ts'
import { parseTokens } from '../../../shared/tokens.ts'
import { someSecrets } from '../rights/servers.ts'
import { drawing, put } from './steps.ts'

/** The Secrets before, between and after so many steps. */
function stages(what: keyof typeof all, steps: number): Secret[][] {
  const draw = drawing()
  const made = [someSecrets()]
  for (let step = 0; step < steps; step++) {
    const secrets = made.at(-1) ?? []
    made.push(put(secrets, rotations[what](secrets, draw).changed))
  }
  return made
}

/** A process is started anew at some time between two steps, each at its own. */
const together = <T>(made: T[]): [T, T][] =>
  made.flatMap((one, at) =>
    [one, made[at + 1] ?? one].flatMap((other): [T, T][] => [
      [one, other],
      [other, one],
    ]),
  )

const bridge = (secrets: Secret[]) =>
  tokensIn(secretOf(secrets, 'ops-bridge').data.BRIDGE_TOKEN ?? '')[0] ?? ''
const readers = holdersOf('BRIDGE_TOKEN').filter(name => name !== 'bridge')

describe('the token of the bridge', () => {
  const made = stages('bridge-token', 3)

  it.each(readers)('is known to %s at every moment of its change', reader => {
    for (const [there, here] of together(made)) {
      const known = tokensIn(secretOf(here, installed[reader].workload).data.BRIDGE_TOKEN ?? '')
      expect(known).toContain(bridge(there))
    }
  })

  it('is another one then, and the old one opens nothing', () => {
    const [before = [], , , after = []] = made
    expect(bridge(after)).not.toBe(bridge(before))
    expect(JSON.stringify(after)).not.toContain(bridge(before))
  })
})

describe('the key that seals', () => {
  const made = stages('seal-key', 3)
  const keyOf = (secrets: Secret[], name: string) => secretOf(secrets, name).data.HOOK_SEAL_KEY ?? ''

  it('opens at every moment of its change what was sealed before', () => {
    for (const [there, here] of together(made)) {
      const sealed = sealWith(keyOf(there, 'ops-watcher')).close('url', 'shop/a')
      expect(sealWith(keyOf(here, 'webhook-deliver')).open(sealed, 'shop/a')).toBe('url')
    }
  })

  it('is another one then', () => {
    const [before = [], , , after = []] = made
    const sealed = sealWith(keyOf(before, 'ops-watcher')).close('url', 'shop/a')
    expect(() => sealWith(keyOf(after, 'webhook-deliver')).open(sealed, 'shop/a')).toThrow('another key')
  })
})

describe('the tokens of those who call', () => {
  it('are two of each name until the next step', () => {
    const [before = [], between = [], after = []] = stages('tokens', 2)
    const rows = (secrets: Secret[]) =>
      parseTokens(secretOf(secrets, 'ops-server-tokens').data['tokens.yaml'] ?? '')
    const plain = (secrets: Secret[]) =>
      Object.values(secretOf(secrets, 'ops-plain-tokens').data).map(text => hash('sha256', text))
    expect(rows(between).map(({ sha256 }) => sha256)).toEqual([...plain(before), ...plain(after)])
    expect(rows(after).map(({ sha256 }) => sha256)).toEqual(plain(after))
    expect(rows(after).map(({ sha256: _, ...may }) => may)).toEqual(
      rows(before).map(({ sha256: _, ...may }) => may),
    )
  })
})

describe('the link of leaf clusters', () => {
  const main = someSecrets()
  const [one = [], other = []] = ['edge1', 'edge2'].map(cluster =>
    leafSecrets(main, { cluster, namespace: 'n', nats: 'nats:4222', main: 'main:7422' }, drawing()),
  )
  const moved = (leaf: Secret[]) => put(leaf, rotations.link([...main, ...leaf], drawing()).changed)
  const passwordOf = (secrets: Secret[], login: string) =>
    passwordsIn(secretOf(secrets, 'ops-nats-users').data['passwords.conf'] ?? '')[login]
  const linkOf = (leaf: Secret[]) => urlOf(secretOf(leaf, 'ops-nats-leaf'))

  it('moves to the other login of the main cluster, and nothing else of a leaf cluster changes', () => {
    expect(linkOf(moved(one))).toBe(`tls://leaf-2:${passwordOf(main, 'leaf-2')}@main:7422`)
    expect(linkOf(moved(moved(one)))).toBe(linkOf(one))
    expect(moved(moved(one))).toEqual(one)
  })

  it('shuts out who has the old password, once all have moved', () => {
    const { changed } = retirements.link([...main, ...moved(one), ...moved(other)], drawing())
    expect(passwordOf(changed, 'leaf')).not.toBe(passwordOf(main, 'leaf'))
    expect(passwordOf(changed, 'leaf-2')).toBe(passwordOf(main, 'leaf-2'))
  })

  it('stays open while somebody has not', () => {
    expect(() => retirements.link([...main, ...moved(one), ...other], drawing())).toThrow(
      '"leaf-2" and "leaf" are in use',
    )
    expect(() => rotations.link([...main, ...one, ...other], drawing())).toThrow('one leaf cluster')
    expect(() => rotations.nats([...main, ...one], drawing())).toThrow('one cluster')
  })
})

describe('a login of people', () => {
  const main = someSecrets()
  const leaf = leafSecrets(
    main,
    { cluster: 'edge1', namespace: 'n', nats: 'nats:4222', main: 'main:7422' },
    drawing(),
  )

  it.each([
    ['ops-nats-users', 'passwords.conf', main],
    ['ops-nats-leaf', 'leaf-own.conf', leaf],
  ])('gets a new password in %s, and no other does', (name, key, secrets) => {
    const held = (its: Secret[]) => passwordsIn(secretOf(its, name).data[key] ?? '')
    const after = held(put(secrets, retirements.operator?.(secrets, drawing()).changed ?? []))
    expect(after.operator).not.toBe(held(secrets).operator)
    expect({ ...after, operator: held(secrets).operator }).toEqual(held(secrets))
  })

  it('is none where a leaf cluster has one only', () => {
    expect(() => retirements['operator-2']?.(leaf, drawing())).toThrow('no password for it')
  })
})

describe.each(['nats', 'redis', 'postgres'] as const)('the logins at %s', server => {
  const before = someSecrets()
  const moved = put(before, rotations[server](before, drawing()).changed)
  const after = put(moved, retirements[server](moved, drawing()).changed)
  const variable = ({ nats: 'EVENT_ENDPOINT', redis: 'REDIS_URL', postgres: 'DATABASE_URL' } as const)[server]
  const used = (secrets: Secret[]) =>
    holdersOf(variable).map(name => {
      const { username, password } = new URL(secretOf(secrets, installed[name].workload).data[variable] ?? '')
      return [username, password] as const
    })
  const known = (secrets: Secret[], login: string): string | undefined => {
    if (server === 'nats')
      return passwordsIn(secretOf(secrets, 'ops-nats-users').data['passwords.conf'] ?? '')[login]
    if (server === 'redis') return secretOf(secrets, 'ops-redis-users').data[login]
    return secretOf(secrets, `ops-postgres-${login}`).data.password
  }

  it('are good before the move, while it goes on, and after it', () => {
    for (const secrets of [before, moved])
      for (const [login, password] of used(secrets)) {
        expect(known(before, login)).toBe(password)
        expect(known(moved, login)).toBe(password)
      }
    for (const [login, password] of used(moved)) expect(known(after, login)).toBe(password)
  })

  it('are shut to whoever has an old password', () => {
    for (const [login, password] of used(before)) expect(known(after, login)).not.toBe(password)
  })

  it('come back to the first with the next change', () => {
    const again = put(after, rotations[server](after, drawing()).changed)
    expect(used(again).map(([login]) => login)).toEqual(used(before).map(([login]) => login))
    for (const [login, password] of used(again)) expect(known(after, login)).toBe(password)
  })
})
