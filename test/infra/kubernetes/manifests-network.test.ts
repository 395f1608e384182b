import { beforeAll, describe, expect, it } from 'vitest'
import { guardOf } from '../../../functions/webhook-deliver/address.ts'
import { noTargets } from '../../../functions/webhook-deliver/targets.ts'
import { allProcesses, functionNames } from '../../../infra/install/secrets.ts'
import { describeManifests, manifestsOf } from '../../manifests.ts'
import { ends } from './ends.ts'
import { mayConnect, NetworkPolicy } from './network.ts'

// What the policies say, worked out. Whether it is so is the part of a real cluster's network: here is none.

const names = Object.keys(ends)

const policiesOf = async (overlay: string): Promise<NetworkPolicy[]> =>
  (await manifestsOf(overlay))
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(object => NetworkPolicy.parse(object))

/** Everybody whom `name` may call, as "name:port". */
const calledBy = (policies: NetworkPolicy[], name: string): string[] =>
  names
    .filter(to => to !== name)
    .flatMap(to =>
      (ends[to]?.ports ?? []).filter(port => may(policies, name, to, port)).map(port => `${to}:${port}`),
    )

/** Everybody who may call that port of `name`. */
const callersOf = (policies: NetworkPolicy[], name: string, port: number): string[] =>
  names.filter(from => from !== name && may(policies, from, name, port))

function may(policies: NetworkPolicy[], from: string, to: string, port: number): boolean {
  const [one, other] = [ends[from], ends[to]]
  if (!one || !other) throw new Error(`There is no "${from}" or no "${to}"`)
  return mayConnect(policies, one.end, other.end, port)
}

const bus = ['nats:4222', 'dns:53']
const apiServer = ['API server:6443', 'outside:443']
const anyReceiver = ['API server:6443', 'host of the company:22', 'host of the company:80']
const outside = ['outside:22', 'outside:80', 'outside:443', 'main cluster:7422']
const elsewhere = [
  ...['prometheus:9090', 'a pod elsewhere:80', 'operator of PostgreSQL:9443'],
  ...['kourier:8081', 'activator:8012', 'gateway of OpenFaaS:8080', 'hook-evaluate of OpenFaaS:8080'],
]

/** What each needs, wherever it runs. */
const needs = {
  watcher: [...bus, 'redis:6379', ...apiServer],
  'subject-ingest': bus,
  'hook-evaluate': [...bus, 'redis:6379'],
  'webhook-deliver': [...bus, 'redis:6379', ...elsewhere, ...anyReceiver, ...outside],
  // Hosts by SSH, and API servers of other clusters.
  'cron-taskrun': [...bus, ...apiServer, 'host of the company:22', 'outside:22'],
  'event-store': [...bus, 'postgresql:5432'],
  'ops-api': [...bus, 'redis:6379', 'postgresql:5432', ...apiServer],
  nats: ['dns:53'],
  redis: ['dns:53'],
  postgresql: ['dns:53', ...apiServer],
  'a pod beside them': ['dns:53'],
}

const platforms = [
  {
    overlay: 'infra/kubernetes/overlays/prod',
    bridge: [
      ...bus,
      ...['hook-evaluate:8080', 'webhook-deliver:8080', 'cron-taskrun:8080', 'event-store:8080'],
    ],
    callers: { private: { 8080: ['bridge'], 8012: [] }, public: 8080 },
  },
  {
    overlay: 'knative/overlays/prod',
    bridge: [...bus, 'kourier:8081', 'activator:8012'],
    callers: { private: { 8080: [], 8012: ['kourier', 'activator'] }, public: undefined },
  },
]

describeManifests('the network policies', () => {
  describe.each(platforms)('of $overlay', ({ overlay, bridge, callers }) => {
    let policies: NetworkPolicy[] = []
    beforeAll(async () => {
      policies = await policiesOf(overlay)
    })

    it.each(Object.entries({ ...needs, bridge }))(
      'let %s call what it needs, and nobody else',
      (name, needed) => {
        expect(calledBy(policies, name).sort()).toEqual([...needed].sort())
      },
    )

    it.each(functionNames.filter(name => !['subject-ingest', 'ops-api'].includes(name)))(
      'let nobody call %s but what brings the requests of the bridge',
      name => {
        expect(callersOf(policies, name, 8080)).toEqual(callers.private[8080])
        expect(callersOf(policies, name, 8012)).toEqual(callers.private[8012])
      },
    )

    it.each(['subject-ingest', 'ops-api'])('let everybody call %s who may speak at all', name => {
      const everybody = ['a run', ...elsewhere.map(to => to.split(':')[0]), 'outside', 'host of the company']
      if (callers.public)
        expect(callersOf(policies, name, callers.public)).toEqual(expect.arrayContaining(everybody))
      else expect(callersOf(policies, name, 8012)).toEqual(['kourier', 'activator'])
    })

    it('let each server be called by those who have a user there, and by what keeps it', () => {
      const users = (server: string) =>
        allProcesses.filter(name => (name === 'bridge' ? bridge : needs[name]).includes(server))
      const keeper = 'operator of PostgreSQL'
      expect(callersOf(policies, 'nats', 4222)).toEqual(users('nats:4222'))
      expect(callersOf(policies, 'nats', 6222)).toEqual([])
      expect(callersOf(policies, 'redis', 6379)).toEqual(users('redis:6379'))
      expect(callersOf(policies, 'postgresql', 5432)).toEqual([...users('postgresql:5432'), keeper])
      expect(callersOf(policies, 'postgresql', 8000)).toEqual([keeper])
    })

    it('let only Prometheus call what is always on, and nobody a pod that is none of ours', () => {
      for (const name of ['watcher', 'bridge'])
        expect(callersOf(policies, name, 8080)).toEqual(['prometheus'])
      for (const name of ['a pod beside them', 'a run']) expect(callersOf(policies, name, 80)).toEqual([])
    })
  })

  it('let the bridge call functions of OpenFaaS by its gateway, and these their servers', async () => {
    const policies = await policiesOf('infra/openfaas')
    expect(calledBy(policies, 'bridge').sort()).toEqual([...bus, 'gateway of OpenFaaS:8080'].sort())
    expect(calledBy(policies, 'hook-evaluate of OpenFaaS')).toEqual(
      expect.arrayContaining(['nats:4222', 'redis:6379']),
    )
    expect(calledBy(policies, 'hook-evaluate of OpenFaaS')).not.toContain('postgresql:5432')
  })

  it('let a cluster that only watches call its API server, its NATS, and by that the main one', async () => {
    const policies = await policiesOf('infra/kubernetes/leaf')
    expect(calledBy(policies, 'watcher').sort()).toEqual([...bus, ...apiServer].sort())
    expect(calledBy(policies, 'nats').sort()).toEqual(['dns:53', 'main cluster:7422'])
    expect(callersOf(policies, 'nats', 4222)).toContain('watcher')
  })

  it('keep webhook-deliver only from addresses that it refuses itself', async () => {
    const objects = await manifestsOf('infra/kubernetes/functions-egress')
    const deliver = objects.find(({ metadata }) => metadata.name === 'webhook-deliver-egress')
    const { egress } = NetworkPolicy.parse(deliver).spec
    const kept = egress.flatMap(({ to = [] }) => to).flatMap(({ ipBlock }) => ipBlock?.except ?? [])
    expect(kept.length).toBeGreaterThan(5)
    const guard = guardOf({ loopback: false, allow: noTargets, deny: noTargets })
    for (const range of kept) {
      const [address = ''] = range.split('/')
      expect([range, guard.address(address, address)]).toEqual([
        range,
        expect.stringContaining('Nothing is sent'),
      ])
    }
  })
})
