import ipaddr from 'ipaddr.js'
import { z } from 'zod'

/** An address, those in IPv4-mapped IPv6 as IPv4. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Receivers by address and by name; `*.example.com` is every host below that, and not itself. */
export type Targets = { ranges: [Address, prefix: number][]; hosts: string[] }

export const noTargets: Targets = { ranges: [], hosts: [] }

/** A variable with addresses (`10.1.2.3`, `10.0.0.0/8`, `fd00::/8`) and hosts, separated by commas. */
export const targetList = z.string().transform((text, context): Targets => {
  const targets: Targets = { ranges: [], hosts: [] }
  for (const entry of text.split(',').map(part => part.trim())) {
    if (entry === '') continue
    const range = rangeOf(entry)
    const host = range ? undefined : hostOf(entry)
    if (range) targets.ranges.push(range)
    else if (host) targets.hosts.push(host)
    else
      context.addIssue(`"${entry}" is none of 10.1.2.3, 10.0.0.0/8, fd00::/8, example.com and *.example.com`)
  }
  return targets
})

/** An address as a URL, a resolver or a socket writes it; undefined for anything else. */
export function addressOf(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined
}

/** The host of a URL without the brackets of IPv6 and the dot of the root. */
export const hostIn = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')

export const hasHost = ({ hosts }: Targets, host: string): boolean =>
  hosts.some(known => (known.startsWith('*.') ? host.endsWith(known.slice(1)) : host === known))

export const hasAddress = ({ ranges }: Targets, address: Address): boolean =>
  ranges.some(([network, prefix]) => network.kind() === address.kind() && address.match(network, prefix))

function rangeOf(entry: string): [Address, number] | undefined {
  const whole = addressOf(entry)
  if (whole) return [whole, whole.kind() === 'ipv4' ? 32 : 128]
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(entry) && !ipaddr.IPv6.isValidCIDR(entry)) return undefined
  const [network, prefix] = ipaddr.parseCIDR(entry)
  // Addresses are compared as IPv4 where they are such: so are ranges.
  const mapped = network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && prefix >= 96
  return mapped ? [network.toIPv4Address(), prefix - 96] : [network, prefix]
}

function hostOf(entry: string): string | undefined {
  const [, star = '', name = ''] = /^(\*\.)?([^\s/:@?#*[\]\\]+)$/.exec(entry) ?? []
  const url = URL.parse(`http://${name}/`)
  // What the URL parser makes an address of is an odd notation of one.
  return url && name !== '' && !addressOf(hostIn(url)) ? `${star}${hostIn(url)}` : undefined
}
