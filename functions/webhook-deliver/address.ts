import { BlockList, isIPv6 } from 'node:net'

/**
 * Why nothing is sent to a URL, or undefined when it may be. Only what the URL itself shows is looked at: which
 * address a name stands for is known when it is connected to, and not checked here. `loopback`: this machine is
 * allowed, as it is locally.
 */
export function addressProblem(url: URL, loopback: boolean): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `Nothing is sent over "${url.protocol}", the url has to be http:// or https://`
  }
  // The URL parser has brought every notation of an IPv4 address into the usual one.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const family = isIPv6(host) ? 'ipv6' : 'ipv4'
  if (unreachable.check(host, family)) return `Nothing is sent to "${host}": no receiver can be there`
  const isOwn = localhost.test(host) || ownAddresses.check(host, family)
  if (isOwn && !loopback) return `Nothing is sent to "${host}": it is this machine itself`
  return undefined
}

const localhost = /^(.+\.)?localhost\.?$/

const ownAddresses = listOf(['127.0.0.0', 8], ['::1', 128])
// Unspecified, link-local (a cloud's metadata service among them), multicast, broadcast.
const unreachable = listOf(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
)

function listOf(...subnets: [address: string, prefix: number][]): BlockList {
  const list = new BlockList()
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4')
  return list
}
