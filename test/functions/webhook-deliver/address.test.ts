import { describe, expect, it } from 'vitest'
import { addressProblem } from '../../../functions/webhook-deliver/address.ts'

describe('addressProblem()', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST:8080/',
    'http://a.localhost/',
    'http://[::1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://①②⑦.⓪.⓪.①/',
  ])('keeps deliveries away from this machine as %s, unless it is allowed', url => {
    expect(addressProblem(new URL(url), false)).toMatch(/it is this machine itself$/)
    expect(addressProblem(new URL(url), true)).toBeUndefined()
  })

  it.each([
    'http://0/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[ff02::1]/',
  ])('never sends to %s', url => {
    for (const loopback of [true, false]) {
      expect(addressProblem(new URL(url), loopback)).toMatch(/no receiver can be there$/)
    }
  })

  it.each([
    'https://example.com/a',
    'http://10.1.2.3:8080/',
    'http://[2001:db8::1]/',
    'https://localhost.example.com/',
  ])('lets %s through', url => expect(addressProblem(new URL(url), false)).toBeUndefined())

  it.each(['ftp://example.com/', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'speaks only HTTP, not %s',
    url => {
      expect(addressProblem(new URL(url), true)).toMatch(/the url has to be http:\/\/ or https:\/\/$/)
    },
  )
})
