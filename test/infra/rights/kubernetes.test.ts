import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { allProcesses, installed, type Process } from '../../../infra/install/secrets.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`../../../infra/kubernetes/${name}`, import.meta.url))
const accountOf = (process: Process) => `system:serviceaccount:ops-system:${installed[process].workload}`

/** What somebody could ask of the API server, and whose account it lets do so. */
const table: [verb: string, resource: string, namespace: string, Process[]][] = [
  ['list', 'secrets', '', []],
  ['list', 'secrets', 'ops-system', []],
  ['list', 'secrets', 'ops-runs', []],
  ['get', 'secrets', 'ops-system', []],
  ['get', 'secrets', 'kube-system', []],
  ['get', 'secrets', 'ops-runs', ['cron-taskrun']],
  ['create', 'secrets', 'ops-runs', ['cron-taskrun']],
  ['list', 'configmaps', 'ops-system', []],
  ['create', 'jobs.batch', 'ops-runs', ['cron-taskrun']],
  ['create', 'jobs.batch', 'ops-system', []],
  ['create', 'pods', 'ops-runs', []],
  ['create', 'pods', 'ops-system', []],
  ['create', 'pods/exec', 'ops-runs', []],
  ['get', 'pods/log', 'ops-system', []],
  ['get', 'pods/log', 'ops-runs', ['cron-taskrun']],
  ['get', 'nodes/proxy', '', []],
  ['list', 'events.events.k8s.io', '', ['watcher']],
  ['delete', 'events.events.k8s.io', 'ops-system', []],
  ['list', 'eventhooks.crd.chenshaowen.com', '', ['watcher']],
  ['create', 'eventhooks.crd.chenshaowen.com', 'ops-system', []],
  ['update', 'eventhooks.crd.chenshaowen.com', 'ops-system', []],
  ['create', 'silences.crd.chenshaowen.com', 'ops-system', ['ops-api']],
  ['create', 'taskruns.crd.chenshaowen.com', 'ops-system', ['cron-taskrun', 'ops-api']],
  ['delete', 'taskruns.crd.chenshaowen.com', 'ops-system', ['cron-taskrun']],
  ['update', 'tasks.crd.chenshaowen.com', 'ops-system', []],
  ['update', 'deployments.apps', 'ops-system', []],
  ['create', 'serviceaccounts/token', 'ops-system', []],
  ['impersonate', 'users', '', []],
  ['create', 'clusterrolebindings.rbac.authorization.k8s.io', '', []],
  ['bind', 'clusterroles.rbac.authorization.k8s.io', '', []],
  ['escalate', 'clusterroles.rbac.authorization.k8s.io', '', []],
  ['delete', 'namespaces', '', []],
]

describeOnKubernetes('the API server', {}, async ({ kubectl }) => {
  it('lets each account do what its process has to, and nothing else', async () => {
    for (const namespace of ['ops-system', 'ops-runs']) await kubectl(['create', 'namespace', namespace])
    for (const folder of ['watcher/rbac', 'functions-rbac', 'runs'])
      await kubectl(['apply', '--server-side', '--force-conflicts', '-k', pathOf(folder)])
    const asked = table.flatMap(([verb, name, namespace]) =>
      allProcesses.map(process => review(accountOf(process), verb, name, namespace)),
    )
    const list = stringify({ apiVersion: 'v1', kind: 'List', items: asked })
    const said = await kubectl(['create', '-f', '-', '-o', 'jsonpath={.status.allowed},'], list)
    const allowed = said.split(',').map(word => word === 'true')
    const found = table.map(([verb, name, namespace], row) => [
      ...[verb, name, namespace],
      allProcesses.filter((_, column) => allowed[row * allProcesses.length + column]),
    ])
    expect(found).toEqual(table)
  })
})

function review(user: string, verb: string, name: string, namespace: string) {
  const [resource, ...group] = (name.split('/')[0] ?? '').split('.')
  const subresource = name.split('/')[1]
  return {
    ...{ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' },
    spec: {
      user,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ops-system', 'system:authenticated'],
      resourceAttributes: {
        verb,
        resource,
        group: group.join('.'),
        namespace,
        ...(subresource && { subresource }),
      },
    },
  }
}
