import { claimsOf } from './claims.ts'
import { type CommonRule, type Match, type Seen, textOf } from './rule.ts'

const troubledVolume: Match = {
  kinds: ['Pod', 'PersistentVolumeClaim', 'PersistentVolume', 'VolumeAttachment'],
  reasons: ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'ProvisioningFailed'],
  categories: ['volume'],
  least: 'warning',
  // A ConfigMap or Secret that is missing is a mistake of its pod, and says nothing of the storage.
  unless: /(configmap|secret|object|persistentvolumeclaim) [^:]{0,300}not (found|registered)|non-existent/i,
}

// The attacher and the external provisioner name their driver so.
const driver =
  /\bof ([a-z0-9][a-z0-9.-]{1,100}) CSI driver|\bdriver name ([a-z0-9][a-z0-9.-]{1,100}) not found/i
const storageClass = /storageclass(?:\.storage\.k8s\.io)?s? "([^"]{1,253})"/i
const webhook = /failed calling webhook "([^"]{1,253})"/
const quota = /exceeded quota: ([^,\s]{1,253})/
const image = /image "(?:([^"/\s]{1,253})\/)?[^"\s]{1,500}"/i
const unreachable =
  /timeout|timed out|refused|no such host|TLS|x509|reset by peer|unexpected status[^:]{0,40}5\d\d|50[0234] |too ?many ?requests/i

const classOf = (event: Seen) =>
  claimsOf(event).find(({ storageClass }) => storageClass)?.storageClass ?? found(storageClass, event)
const driverOf = (event: Seen) => found(driver, event)

/** What several roots may have trouble with at once, the best known first: an event counts for one of the storage's. */
export const commonRules: readonly CommonRule[] = [
  {
    name: 'storage-class',
    because: 'several had trouble with volumes of one storage class at the same time',
    sign: troubledVolume,
    of: event => shared('StorageClass', classOf(event)),
    roots: 2,
  },
  {
    name: 'storage-driver',
    because: 'several had trouble with volumes of one driver at the same time',
    sign: troubledVolume,
    of: event => (classOf(event) ? undefined : shared('CSIDriver', driverOf(event))),
    roots: 2,
  },
  {
    name: 'storage',
    because: 'several had the same trouble with their volumes at the same time',
    sign: troubledVolume,
    of: event =>
      classOf(event) || driverOf(event)
        ? undefined
        : { shared: { kind: 'Storage', name: 'storage' }, also: event.reason },
    roots: 3,
  },
  {
    name: 'webhook',
    because: 'several were held up by one admission webhook at the same time',
    sign: { least: 'warning', says: webhook },
    of: event => shared('Webhook', found(webhook, event)),
    roots: 2,
  },
  {
    name: 'registry',
    because: 'several could not reach one image registry at the same time',
    sign: { kinds: ['Pod'], reasons: ['Failed', 'ErrImagePull'], says: unreachable },
    of: event => shared('Registry', registryOf(event)),
    roots: 3,
  },
  {
    name: 'quota',
    because: 'several were held up by one quota at the same time',
    sign: { reasons: ['FailedCreate'], least: 'warning', says: quota },
    of: event => shared('ResourceQuota', found(quota, event), event.namespace),
    roots: 2,
  },
]

function shared(kind: string, name: string | undefined, namespace?: string) {
  if (name === undefined) return undefined
  return { shared: { kind, name, ...(namespace !== undefined && { namespace }) } }
}

function found(pattern: RegExp, event: Seen): string | undefined {
  return pattern.exec(textOf(event))?.slice(1).find(Boolean)
}

/** As container runtimes read image names: what stands before the first "/" is a host if it looks like one. */
function registryOf(event: Seen): string | undefined {
  const named = image.exec(textOf(event))
  if (!named) return undefined
  const host = named[1]?.split('/')[0] ?? ''
  return /[.:]|^localhost$/.test(host) ? host.toLowerCase() : 'docker.io'
}
