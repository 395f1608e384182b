import { connect } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { secretOf } from '../../../infra/install/secret.ts'
import { passwordsIn } from '../../../infra/nats/files.ts'
import { natsVersions } from '../../servers.ts'
import { natsWithUsers, someSecrets } from './servers.ts'

/** Answered by JetStream and by the server itself; elsewhere nobody is there who would. */
const [streams, server] = ['$JS.API.STREAM.NAMES', '$SYS.REQ.SERVER.PING']

describe.each(natsVersions)('nats-server %s', async version => {
  const secrets = someSecrets()
  const { url } = await natsWithUsers(version, secrets)
  const passwords = passwordsIn(secretOf(secrets, 'ops-nats-users').data['passwords.conf'] ?? '')

  it.each([
    ['operator', 'the streams', streams, server],
    ['admin', 'the server', server, streams],
  ])('lets %s ask about %s, and nothing else', async (user, _, may, not) => {
    const nc = await connect({ servers: url, user, pass: passwords[user] ?? '' })
    try {
      expect((await nc.request(may)).json()).not.toHaveProperty('error')
      const answer = nc.request(not).then(reply => reply.json(), String)
      await expect(answer).resolves.toSatisfy(said => typeof said === 'string' || 'error' in said)
    } finally {
      await nc.close()
    }
  })
})
