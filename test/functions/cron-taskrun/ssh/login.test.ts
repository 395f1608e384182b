import { describe, expect, it } from 'vitest'
import { loginOf } from '../../../../functions/cron-taskrun/ssh/login.ts'
import type { Stored } from '../../../../shared/objects.ts'
import { hostOf, secretsOf } from './hosts.ts'

const begin = '-----BEGIN'
const pem = `${begin} OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n`
const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = secretsOf({
  key: { privatekey: pem.trim(), passphrase: 'p' },
  coded: { privatekey: base64(pem) },
  older: { passsword: 'w' },
  both: { password: 'right', passsword: 'wrong' },
  empty: {},
  odd: { privatekey: 'abc' },
})
const readKey = (path: string) => (path === '/key' ? pem : { problem: `the file "${path}" is gone` })
const keysOf = async (spec: Partial<Stored<'Host'>['spec']>) => {
  const login = await loginOf(hostOf('web-1', spec), { secret, readKey })
  if ('problem' in login) return login.problem
  const { id, address, port, username, timeoutSeconds, ...keys } = login
  expect({ id, address, port, username, timeoutSeconds }).toEqual({
    id: 'ops/web-1',
    address: '127.0.0.1',
    port: 22,
    username: 'root',
    timeoutSeconds: 10,
  })
  return keys
}

describe('loginOf()', () => {
  it.each([
    [{ secretRef: 'key' }, { privateKey: pem, passphrase: 'p' }],
    [{ secretRef: 'coded' }, { privateKey: pem }],
    [{ secretRef: 'older' }, { password: 'w' }],
    [{ secretRef: 'both' }, { password: 'right' }],
    [
      { secretRef: 'key', password: base64('other') },
      { privateKey: pem, passphrase: 'p' },
    ],
    [
      { privateKey: base64(pem), password: base64('w\n') },
      { privateKey: pem, password: 'w' },
    ],
    [{ privateKey: pem }, { privateKey: pem }],
    [{ privateKeyPath: '/key' }, { privateKey: pem }],
    [{ privateKeyPath: '/none' }, 'the file "/none" is gone'],
    [{ secretRef: 'none' }, 'Secret "ops/none" does not exist'],
    [{ secretRef: 'empty' }, 'Secret "ops/empty" has neither "privatekey" nor "password"'],
    [
      { secretRef: 'odd' },
      '"privatekey" of Secret "ops/odd" is no private key: it starts with "-----BEGIN", or is that in base64',
    ],
    [{ password: 'not base64!' }, expect.stringMatching(/^its spec\.password is not base64/)],
    [{}, expect.stringMatching(/^it has no spec\.secretRef/)],
  ])('takes from %j %j', async (spec, keys) => {
    expect(await keysOf(spec)).toEqual(keys)
  })

  it('waits for no host longer than a few minutes, whatever it says', async () => {
    const spec = { secretRef: 'key', timeoutSeconds: 9_999_999_999 }
    expect(await loginOf(hostOf('web-1', spec), { secret, readKey })).toMatchObject({ timeoutSeconds: 300 })
  })
})
