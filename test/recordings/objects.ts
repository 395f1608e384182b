type Extra = Record<string, unknown>
type Work = {
  namespace?: string
  replicas?: number
  image?: string
  kubelet?: string
  pod?: Extra
  annotations?: Extra
}

export const namespace = (name: string, labels: Extra = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
})

/** A pod's template; `kubelet` is what its kubelet tells, see behaviours.ts. */
export const template = (name: string, { image, kubelet, pod, annotations }: Work) => ({
  metadata: { labels: { app: name, ...(kubelet && { kubelet }) }, ...(annotations && { annotations }) },
  spec: { containers: [{ name, image: image ?? `registry.example.com/${name}:1.4.0` }], ...pod },
})

const selecting = (name: string, work: Work) => ({
  replicas: work.replicas ?? 1,
  selector: { matchLabels: { app: name } },
  template: template(name, work),
})

const head = (kind: string, name: string, namespace = 'shop') => ({
  ...{ apiVersion: 'apps/v1', kind, metadata: { name, namespace } },
})

export const deployment = (name: string, work: Work = {}) => ({
  ...head('Deployment', name, work.namespace),
  spec: selecting(name, work),
})

export const statefulSet = (name: string, work: Work & { claims?: Extra[] } = {}) => ({
  ...head('StatefulSet', name, work.namespace),
  spec: { serviceName: name, ...selecting(name, work), volumeClaimTemplates: work.claims ?? [] },
})

export function daemonSet(name: string, work: Work = {}) {
  const { replicas: _, ...spec } = selecting(name, work)
  return { ...head('DaemonSet', name, work.namespace), spec }
}

export const claim = (name: string, storageClassName: string, namespace = 'shop') => ({
  ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace } },
  spec: {
    ...{ storageClassName, accessModes: ['ReadWriteOnce'] },
    resources: { requests: { storage: '1Gi' } },
  },
})

export const volumeOf = (claimName: string) => ({
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
})
