import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'

const Labels = z.record(z.string(), z.string())
const Selector = z.strictObject({
  matchLabels: Labels.default({}),
  matchExpressions: z
    .array(
      z.strictObject({ key: z.string(), operator: z.enum(['In', 'NotIn']), values: z.array(z.string()) }),
    )
    .default([]),
})
const Peer = z.strictObject({
  podSelector: Selector.optional(),
  namespaceSelector: Selector.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
})
const ports = z.array(z.strictObject({ port: z.int(), protocol: z.enum(['TCP', 'UDP']).default('TCP') }))
const Rule = z.strictObject({
  from: z.array(Peer).optional(),
  to: z.array(Peer).optional(),
  ports: ports.optional(),
})

/** As much of a NetworkPolicy as ours have; what is not read here is refused, and not passed over. */
export const NetworkPolicy = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.strictObject({
    podSelector: Selector,
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
    ingress: z.array(Rule).default([]),
    egress: z.array(Rule).default([]),
  }),
})
export type NetworkPolicy = z.infer<typeof NetworkPolicy>

/** A pod, or an address that is none of a pod. */
export type End = { namespace: string; labels: Record<string, string> } | { address: string }

/**
 * May `from` open a connection to a port of `to`? As the documentation of NetworkPolicies has it: both ends have to
 * allow it; an end that no policy selects allows everything.
 */
export function mayConnect(policies: NetworkPolicy[], from: End, to: End, port: number): boolean {
  return (
    allows(policies, 'Egress', { at: from, peer: to, port }) &&
    allows(policies, 'Ingress', { at: to, peer: from, port })
  )
}

function allows(
  policies: NetworkPolicy[],
  direction: 'Ingress' | 'Egress',
  { at, peer, port }: { at: End; peer: End; port: number },
): boolean {
  if ('address' in at) return true
  const mine = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === at.namespace &&
      spec.policyTypes.includes(direction) &&
      selects(spec.podSelector, at.labels),
  )
  if (mine.length === 0) return true
  return mine.some(({ spec }) =>
    (direction === 'Ingress' ? spec.ingress : spec.egress).some(
      ({ from, to, ports }) =>
        (ports === undefined || ports.some(one => one.port === port)) &&
        matches(from ?? to, peer, at.namespace),
    ),
  )
}

function matches(peers: z.infer<typeof Peer>[] | undefined, end: End, namespace: string): boolean {
  // Without any the rule is for everybody.
  if (peers === undefined) return true
  return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
    if ('address' in end) return ipBlock !== undefined && isWithin(ipBlock, end.address)
    if (ipBlock) return false
    const there = namespaceSelector
      ? selects(namespaceSelector, { 'kubernetes.io/metadata.name': end.namespace })
      : end.namespace === namespace
    return there && (podSelector === undefined || selects(podSelector, end.labels))
  })
}

const selects = (
  { matchLabels, matchExpressions }: z.infer<typeof Selector>,
  labels: Record<string, string>,
) =>
  Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
  matchExpressions.every(
    ({ key, operator, values }) => (operator === 'In') === values.includes(labels[key] ?? ''),
  )

const isWithin = ({ cidr, except }: { cidr: string; except: string[] }, address: string) =>
  inRange(cidr, address) && !except.some(range => inRange(range, address))

const inRange = (range: string, address: string) =>
  isIP(address) === isIP(range.split('/')[0] ?? '') && ipaddr.parse(address).match(ipaddr.parseCIDR(range))
