const directTo = (url: string, name: string) => `
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: {name: ${name}, namespace: ops-system}
spec:
  type: webhook
  subject: ops.clusters.*.nodes.*.events
  keywords: {include: [NodeNotReady]}
  url: ${url}
---`

/** The hooks of a run as a file: `direct` ones by name, and one that is reached on a detour. */
export const hooksTo = (url: string, direct: string[]) => `
${direct.map(name => directTo(url, name)).join('\n')}
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: {name: to-alerts, namespace: ops-system}
spec:
  type: event
  subject: ops.clusters.*.nodes.*.events
  keywords: {include: ['Node(Not)?Ready'], matchType: REGEX}
  url: ops.clusters.*.nodes.*.alerts
---
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: {name: converted, namespace: ops-system}
spec:
  type: webhook
  subject: ops.clusters.*.nodes.*.alerts
  url: ${url}
`
