import fc from 'fast-check'
import { stored } from './stored.ts'

// Around a full hour, so that stories go over it.
const start = Date.parse('2026-05-04T09:52:00Z')
const causes = [
  { kind: 'Node', reason: 'NodeNotReady', severity: 'critical', name: 'node-1' },
  { kind: 'Node', reason: 'NodeReady', name: 'node-1' },
  { kind: 'Node', reason: 'Rebooted', severity: 'warning', name: 'node-2' },
  { kind: 'PersistentVolumeClaim', reason: 'ProvisioningFailed', severity: 'warning', category: 'volume' },
] as const
const effects = [
  { reason: 'NodeNotReady', severity: 'warning' },
  { reason: 'Killing' },
  { reason: 'Scheduled' },
  { reason: 'BackOff', severity: 'warning', message: 'Back-off restarting failed container' },
  { reason: 'FailedMount', severity: 'warning', category: 'volume', message: 'timed out for volume "pvc-1"' },
  {
    reason: 'FailedMount',
    severity: 'warning',
    category: 'volume',
    data: { claims: [{ name: 'data', storageClass: 'fast' }] },
  },
] as const
const at = fc.integer({ min: 0, max: 960 }).map(second => start + second * 1_000)
const name = fc.constantFrom('data', 'web', 'cart')
const namespace = fc.constantFrom('shop', 'bank')
const anEvent = fc.oneof(
  fc
    .record({ at, which: fc.constantFrom(...causes), name })
    .map(({ at, which, name }) => stored({ name, ...which, at })),
  fc
    .record({
      at,
      which: fc.constantFrom(...effects),
      name,
      namespace,
      node: fc.constantFrom('node-1', 'node-2', ''),
      copy: fc.nat(2),
    })
    .map(({ at, which, name, namespace, node, copy }) =>
      stored({
        ...which,
        at,
        node,
        namespace,
        name: `${name}-${copy}`,
        owners: [`ReplicaSet/${name}-a`, `Deployment/${name}`],
      }),
    ),
)

/** Events around a full hour, many of which are causes and effects. */
export const troubles = fc.uniqueArray(anEvent, { minLength: 20, maxLength: 120, selector: ({ id }) => id })
