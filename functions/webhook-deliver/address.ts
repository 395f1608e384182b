import ipaddr from 'ipaddr.js'
import { type Address, addressOf, hasAddress, hasHost, hostIn, type Targets } from './targets.ts'

/** Which receivers are allowed. Each says why nothing is sent there, or undefined when it may be. */
export type Guard = {
  /** By what the URL itself shows; which addresses a name stands for is known when it is connected to. */
  url(url: URL): string | undefined
  /** By an address that `host` stands for, or that was connected to. */
  address(address: string, host: string): string | undefined
}

/**
 * `loopback`: this machine is allowed. `deny` is refused before all else. With `only`, nothing but that is allowed.
 * `allow` excepts from what is refused by itself: addresses where no receiver can be, metadata services, this machine.
 */
export function guardOf(rules: {
  loopback: boolean
  allow: Targets
  deny: Targets
  only?: Targets | undefined
}): Guard {
  const { loopback, allow, deny, only } = rules

  function ofHost(host: string): string | undefined {
    if (hasHost(deny, host)) return 'TARGETS_DENY has it'
    if (only?.ranges.length === 0 && !hasHost(only, host)) return 'TARGETS_ONLY does not have it'
    const isOwn = localhost.test(host) && !loopback && !hasHost(allow, host)
    return isOwn ? own : undefined
  }

  function ofAddress(address: Address, host: string): string | undefined {
    const faces = facesOf(address)
    if (faces.some(face => hasAddress(deny, face))) return 'TARGETS_DENY has it'
    if (only && !hasHost(only, host) && !hasAddress(only, address)) return 'TARGETS_ONLY does not have it'
    if (hasHost(allow, host) || hasAddress(allow, address)) return undefined
    return faces.map(face => (hasAddress(allow, face) ? undefined : refusalOf(face, loopback))).find(Boolean)
  }

  return {
    url(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        return `Nothing is sent over "${url.protocol}", the url has to be http:// or https://`
      }
      // The URL parser has brought every notation of an IPv4 address into the usual one.
      const host = hostIn(url)
      const address = addressOf(host)
      const why = address ? ofAddress(address, host) : ofHost(host)
      return why && `Nothing is sent to "${host}": ${why}`
    },
    address(text, name) {
      const host = name.replace(/\.$/, '')
      const address = addressOf(text)
      const why = address ? (ofHost(host) ?? ofAddress(address, host)) : 'that is no address'
      const at = text === host ? '' : ` at ${text}`
      return why && `Nothing is sent to "${host}"${at}: ${why}`
    },
  }
}

const own = 'it is this machine itself'
const localhost = /^(.+\.)?localhost$/

// What is not link-local among the addresses where clouds give machines their credentials: Amazon, Google, Scaleway,
// Azure, Alibaba, Oracle.
const metadata: Targets = {
  ranges: [
    ipaddr.parseCIDR('169.254.169.254/32'),
    ipaddr.parseCIDR('fd00:ec2::/32'),
    ipaddr.parseCIDR('fd20:ce::254/128'),
    ipaddr.parseCIDR('fd00:42::42/128'),
    ipaddr.parseCIDR('168.63.129.16/32'),
    ipaddr.parseCIDR('100.100.100.200/32'),
    ipaddr.parseCIDR('192.0.0.192/32'),
  ],
  hosts: [],
}

// Services inside a cluster and a company are the usual case. The others of ipaddr.js are link-local, multicast,
// broadcast, unspecified, and reserved for what is no receiver.
const ordinary = ['unicast', 'private', 'uniqueLocal', 'carrierGradeNat']
// Each of their addresses stands for one of IPv4, and is judged by that.
const tunnels = ['rfc6052', 'rfc6145', '6to4', 'teredo']
const open = new Set<string>([...ordinary, ...tunnels])

function refusalOf(address: Address, loopback: boolean): string | undefined {
  if (hasAddress(metadata, address)) return "it is a cloud's metadata service"
  const range = address.range()
  if (range === 'loopback') return loopback ? undefined : own
  return open.has(range) ? undefined : 'no receiver can be there'
}

/** The address, and those of IPv4 that a translator or a tunnel may make of it. */
function facesOf(address: Address): Address[] {
  if (address instanceof ipaddr.IPv4) return [address]
  const bytes = address.toByteArray()
  const at = (...places: number[]) => new ipaddr.IPv4(places.map(place => bytes[place] ?? 0))
  const last = at(12, 13, 14, 15)
  switch (address.range()) {
    case 'rfc6052': {
      // NAT64 (RFC 6052, 2.2): where the address stands depends on the length of the prefix, which is not known here.
      const others = [at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12)]
      return [address, last, ...others.filter(({ octets }) => octets[0] !== 0)]
    }
    case 'rfc6145':
      return [address, last]
    case '6to4':
      return [address, at(2, 3, 4, 5)]
    case 'teredo':
      // Server, and client with its bits turned round (RFC 4380, 4).
      return [address, at(4, 5, 6, 7), new ipaddr.IPv4(last.octets.map(octet => octet ^ 255))]
    default: {
      const compatible = address.range() === 'unicast' && bytes.slice(0, 12).every(byte => byte === 0)
      // ISATAP (RFC 5214, 6.1).
      const intra = bytes[10] === 0x5e && bytes[11] === 0xfe && bytes[9] === 0
      return compatible || intra ? [address, last] : [address]
    }
  }
}
