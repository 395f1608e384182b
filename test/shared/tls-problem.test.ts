import { expect, it } from 'vitest'
import { saidByDatabase } from '../../shared/database-error.ts'
import { tlsProblem } from '../../shared/tls-problem.ts'

const failed = (code: string, message = '', cause?: Error) =>
  Object.assign(new Error(message, { cause }), { code })

it.each([
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet, by the clock here'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', expect.stringContaining('by an authority that is not known here')],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it does not take the certificate in TLS_CERT_FILE'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', expect.stringContaining('it wants a certificate of ours')],
  ['ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED', expect.stringContaining('it wants a certificate of ours')],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS there'],
])('%s is said in words', (code, words) => {
  expect(tlsProblem(failed(code))).toEqual(words)
  expect(tlsProblem(new Error('closed', { cause: failed(code) }))).toEqual(words)
})

it.each(['ECONNREFUSED', '28P01', ''])('%s is none of TLS', code => {
  expect(tlsProblem(failed(code, 'the certificate of somebody else'))).toBeUndefined()
})

it.each([
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it does not take the certificate in sslcert'],
  ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'the key in sslkey is not that of the certificate in sslcert'],
])('%s is said of a database with the names in its URL', (code, words) => {
  expect(saidByDatabase(failed(code)).message).toBe(`Of the database in DATABASE_URL: ${words}`)
})
