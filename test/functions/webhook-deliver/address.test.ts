import { describe, expect, it } from 'vitest'
import { guardOf } from '../../../functions/webhook-deliver/address.ts'
import { noTargets, targetList } from '../../../functions/webhook-deliver/targets.ts'

const list = (text: string) => targetList.parse(text)
const guard = (rules: { loopback?: boolean; allow?: string; deny?: string; only?: string } = {}) =>
  guardOf({
    loopback: rules.loopback ?? false,
    allow: list(rules.allow ?? ''),
    deny: list(rules.deny ?? ''),
    only: rules.only === undefined ? undefined : list(rules.only),
  })
const strict = guard()
const local = guard({ loopback: true })

describe('guardOf().url()', () => {
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
    'http://127.8.9.10/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://①②⑦.⓪.⓪.①/',
  ])('keeps deliveries away from this machine as %s, unless it is allowed', url => {
    expect(strict.url(new URL(url))).toMatch(/it is this machine itself$/)
    expect(local.url(new URL(url))).toBeUndefined()
  })

  it.each([
    'https://example.com/a',
    'http://10.1.2.3:8080/',
    'http://[2606:4700::1111]/',
    'https://localhost.example.com/',
    'https://my-localhost/',
    'http://alertmanager.monitoring.svc:9093/api/v2/alerts',
  ])('lets %s through', url => expect(strict.url(new URL(url))).toBeUndefined())

  it.each(['ftp://example.com/', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'speaks only HTTP, not %s',
    url => expect(local.url(new URL(url))).toMatch(/the url has to be http:\/\/ or https:\/\/$/),
  )

  it('says of a host what it refuses, and nothing of path and query', () => {
    expect(strict.url(new URL('http://user:s3cret@169.254.169.254/s3cret?k=s3cret'))).toBe(
      'Nothing is sent to "169.254.169.254": it is a cloud\'s metadata service',
    )
  })
})

describe('guardOf().address()', () => {
  it.each([
    // Clouds' own, wherever they are.
    ...['169.254.169.254', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42'],
    ...['168.63.129.16', '100.100.100.200', '192.0.0.192'],
    // Unspecified, link-local, multicast, broadcast.
    ...['0.0.0.0', '0.1.2.3', '::', '169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
    ...['224.0.0.1', '239.255.255.250', 'ff02::1', '255.255.255.255'],
    // Reserved for documentation, benchmarks, protocols and the future.
    ...['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '240.0.0.1'],
    ...['2001:db8::1', '3fff::1', '5f00::1', '100::1', '2001:2::1', '2001:10::1', 'fec0::1'],
    // The same in the clothes of IPv6: mapped, translated, compatible, NAT64, 6to4, Teredo, ISATAP.
    ...['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::ffff:0:169.254.169.254', '::169.254.169.254'],
    ...['64:ff9b::169.254.169.254', '64:ff9b:1::169.254.169.254', '64:ff9b:1:a9fe:a9:fe00:808:808'],
    ...['2002:a9fe:a9fe::1', '2001:0:a9fe:a9fe::1', '2001:0:808:808::5601:5601'],
    ...['2606:4700::5efe:169.254.169.254', '64:ff9b::0.0.0.0'],
    // Nothing that a resolver or a socket says.
    ...['', 'example.com', '0x7f.1', '2130706433', '1.2.3', '1.2.3.4.5'],
  ])('refuses %j whether this machine is allowed or not', address => {
    for (const one of [strict, local]) {
      expect(one.address(address, 'a.example.com')).toMatch(
        /^Nothing is sent to "a\.example\.com" at .*: (it is a cloud's metadata service|no receiver can be there|that is no address)$/,
      )
    }
  })

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '64:ff9b::127.0.0.1', '2002:7f00:1::'])(
    'refuses %s, which is this machine, unless it is allowed',
    address => {
      expect(strict.address(address, 'a.example.com')).toBe(
        `Nothing is sent to "a.example.com" at ${address}: it is this machine itself`,
      )
      expect(local.address(address, 'a.example.com')).toBeUndefined()
    },
  )

  it.each([
    ...['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
    ...[
      '64:ff9b:1::8.8.8.8',
      '2002:808:808::1',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '100.64.0.1',
      'fd12::1',
    ],
    ...[
      '172.15.255.255',
      '223.255.255.255',
      '126.255.255.255',
      '128.0.0.1',
      '169.253.255.255',
      '169.255.0.1',
    ],
  ])('allows %s', address => expect(strict.address(address, 'a.example.com')).toBeUndefined())
})

describe('guardOf() with TARGETS_ALLOW', () => {
  it('excepts addresses, and hosts with whatever they stand for', () => {
    const some = guard({ allow: '169.254.20.10, *.internal.example.com, 127.0.0.0/8' })
    expect(some.address('169.254.20.10', 'dns.example.com')).toBeUndefined()
    expect(some.address('169.254.20.11', 'dns.example.com')).toMatch(/no receiver can be there$/)
    expect(some.address('169.254.169.254', 'a.internal.example.com')).toBeUndefined()
    expect(some.address('169.254.169.254', 'internal.example.com')).toMatch(/metadata/)
    expect(some.url(new URL('http://127.0.0.1:9/'))).toBeUndefined()
    expect(some.url(new URL('http://[::ffff:127.0.0.1]:9/'))).toBeUndefined()
    expect(guard({ allow: 'localhost' }).url(new URL('http://LOCALHOST.:9/'))).toBeUndefined()
  })
})

describe('guardOf() with TARGETS_DENY', () => {
  const some = guard({
    loopback: true,
    allow: '10.0.0.0/8, bad.example.com',
    deny: '10.96.0.0/12,*.Example.com.,fd00::/8',
  })

  it.each([
    ['10.96.0.1', 'a.example.org'],
    ['::ffff:10.96.0.1', 'a.example.org'],
    ['64:ff9b::10.111.255.255', 'a.example.org'],
    ['fd12::1', 'a.example.org'],
    ['8.8.8.8', 'bad.example.com'],
  ])('refuses %s of %s before all else', (address, host) => {
    expect(some.address(address, host)).toMatch(/: TARGETS_DENY has it$/)
  })

  it('refuses hosts by their name alone', () => {
    expect(some.url(new URL('https://bad.example.com/'))).toMatch(/TARGETS_DENY has it$/)
    expect(some.url(new URL('https://BAD.example.com./'))).toMatch(/TARGETS_DENY has it$/)
    expect(some.url(new URL('https://10.96.0.1/'))).toMatch(/TARGETS_DENY has it$/)
  })

  it('leaves all others as they were', () => {
    expect(some.address('10.95.255.255', 'a.example.org')).toBeUndefined()
    expect(some.url(new URL('https://example.com/'))).toBeUndefined()
    expect(some.address('169.254.169.254', 'a.example.org')).toMatch(/metadata/)
  })
})

describe('guardOf() with TARGETS_ONLY', () => {
  it('sends nowhere else, and there only what may be sent at all', () => {
    const some = guard({ only: 'hooks.example.com, 10.0.0.0/8' })
    expect(some.address('8.8.8.8', 'hooks.example.com')).toBeUndefined()
    expect(some.address('10.1.1.1', 'a.example.org')).toBeUndefined()
    expect(some.address('8.8.8.8', 'a.example.org')).toMatch(/: TARGETS_ONLY does not have it$/)
    expect(some.address('169.254.169.254', 'hooks.example.com')).toMatch(/metadata/)
    // Its addresses are known when it is connected to.
    expect(some.url(new URL('https://a.example.org/'))).toBeUndefined()
  })

  it('knows by the name alone where there are only names', () => {
    const some = guard({ only: '*.example.com' })
    expect(some.url(new URL('https://a.example.org/'))).toMatch(/TARGETS_ONLY does not have it$/)
    expect(some.url(new URL('https://hooks.example.com/'))).toBeUndefined()
    expect(some.url(new URL('http://10.1.1.1/'))).toMatch(/TARGETS_ONLY does not have it$/)
  })
})

describe('targetList', () => {
  it('reads addresses, ranges and hosts', () => {
    const { ranges, hosts } = list(' 10.1.2.3,fd00::/8 , ::ffff:10.0.0.0/104,Example.COM, *.bücher.example.,')
    expect(ranges.map(([address, prefix]) => `${address}/${prefix}`)).toEqual([
      '10.1.2.3/32',
      'fd00::/8',
      '10.0.0.0/8',
    ])
    expect(hosts).toEqual(['example.com', '*.xn--bcher-kva.example'])
    expect(list('')).toEqual(noTargets)
  })

  it.each([
    '10.0.0.0/33',
    'https://example.com',
    'example.com/a',
    'a b',
    '*',
    '*.',
    'a.*.com',
    '0x7f.1',
    '10.1',
    'x:80',
  ])('refuses %j, naming it', text => {
    expect(targetList.safeParse(`example.com,${text}`).error?.issues).toMatchObject([
      { message: `"${text}" is none of 10.1.2.3, 10.0.0.0/8, fd00::/8, example.com and *.example.com` },
    ])
  })
})
