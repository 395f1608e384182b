import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys'

// Claims as nsc writes them: github.com/nats-io/jwt, version 2.
const unlimited = Object.fromEntries(
  [
    'subs',
    'data',
    'payload',
    'imports',
    'exports',
    'conn',
    'leaf',
    'mem_storage',
    'disk_storage',
    'streams',
    'consumer',
  ].map(name => [name, -1]),
)

function token(issuer: KeyPair, of: KeyPair, nats: object, expires?: number): string {
  const [iss, sub, iat] = [issuer.getPublicKey(), of.getPublicKey(), Math.floor(Date.now() / 1000)]
  const claims = { jti: sub, iat, iss, sub, name: sub, nats, ...(expires && { exp: expires }) }
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded(claims)}`
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`
}

/** An operator with one account: the configuration of its servers, and credentials of users, good until some second. */
export function newOperator() {
  const [operator, account, system] = [createOperator(), createAccount(), createAccount()]
  const limits = { ...unlimited, wildcards: true }
  const about = { type: 'operator', version: 2, system_account: system.getPublicKey() }
  const accounts = [account, system].map(one => {
    const nats = { type: 'account', version: 2, limits: one === account ? limits : {} }
    return `${one.getPublicKey()}: ${token(operator, one, nats)}`
  })
  return {
    configuration: `operator: ${token(operator, operator, about)}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload { ${accounts.join(', ')} }`,
    credentials(expires?: number): string {
      const user = createUser()
      const rights = { type: 'user', version: 2, subs: -1, data: -1, payload: -1 }
      const seed = Buffer.from(user.getSeed()).toString()
      return `-----BEGIN NATS USER JWT-----
${token(account, user, rights, expires)}
------END NATS USER JWT------
-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`
    },
  }
}
