import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { identity } from '../../../shared/adapters/identity.ts'
import { asClient, ownFolder } from '../../certificates.ts'
import { newOperator } from '../../nats-operator.ts'

const dir = await ownFolder()
const credentials = join(dir, 'nats.creds')
writeFileSync(credentials, newOperator().credentials())
const missing = join(dir, 'none')

it('is files that hold what they should, and stays files', () => {
  const env = { ...asClient, NATS_CREDS_FILE: credentials }
  expect(z.object(identity).parse(env)).toEqual(env)
})

it.each([
  ['NATS_CREDS_FILE', asClient.TLS_CERT_FILE, `${asClient.TLS_CERT_FILE} holds no credentials of NATS`],
  ['TLS_CERT_FILE', asClient.TLS_KEY_FILE, `${asClient.TLS_KEY_FILE} holds no certificate in PEM`],
  ['TLS_KEY_FILE', asClient.TLS_CERT_FILE, `${asClient.TLS_CERT_FILE} holds no key in PEM`],
  ['TLS_KEY_FILE', missing, `ENOENT: no such file or directory, open '${missing}'`],
])('is refused where %s is %s', (name, file, message) => {
  expect(z.object(identity).safeParse({ [name]: file }).error?.issues).toMatchObject([
    { path: [name], message },
  ])
})
