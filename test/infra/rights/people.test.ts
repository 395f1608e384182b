import { connect } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { retirements } from '../../../infra/install/rotate.ts'
import { secretOf } from '../../../infra/install/secret.ts'
import { passwordsIn } from '../../../infra/nats/files.ts'
import { natsVersions } from '../../servers.ts'
import { drawing, put } from '../install/steps.ts'
import { natsWithUsers, someSecrets } from './servers.ts'

/** Answered by JetStream and by the server itself; elsewhere nobody is there who would. */
const [streams, server] = ['$JS.API.STREAM.NAMES', '$SYS.REQ.SERVER.PING']

describe.each(natsVersions)('nats-server %s', async version => {
  const draw = drawing()
  let secrets = someSecrets()
  const { url, learn } = await natsWithUsers(version, secrets)
  const passwordOf = (user: string) =>
    passwordsIn(secretOf(secrets, 'ops-nats-users').data['passwords.conf'] ?? '')[user] ?? ''
  const comes = (user: string, pass = passwordOf(user)) =>
    connect({ servers: url, user, pass, reconnect: false })

  it.each([
    ['operator', 'the streams', streams, server],
    ['admin', 'the server', server, streams],
  ])('lets %s ask about %s, and nothing else', async (user, _, may, not) => {
    const nc = await comes(user)
    try {
      expect((await nc.request(may)).json()).not.toHaveProperty('error')
      const answer = nc.request(not).then(reply => reply.json(), String)
      await expect(answer).resolves.toSatisfy(said => typeof said === 'string' || 'error' in said)
    } finally {
      await nc.close()
    }
  })

  it.each([
    ['operator', streams],
    ['admin', server],
  ])(
    'gives %s a new password, and cuts off who comes with the old one, and nobody else',
    async (user, may) => {
      const [old, beside] = await Promise.all([comes(user), comes(`${user}-2`)])
      const before = passwordOf(user)
      secrets = put(secrets, retirements[user]?.(secrets, draw).changed ?? [])
      learn(secrets)
      await old.closed()
      await expect(comes(user, before)).rejects.toThrow(/authorization/i)
      for (const nc of [beside, await comes(user)]) {
        expect((await nc.request(may)).json()).not.toHaveProperty('error')
        await nc.close()
      }
    },
  )
})
