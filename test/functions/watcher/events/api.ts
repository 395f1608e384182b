import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { KubeConfig, Watch } from '@kubernetes/client-node'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Cluster } from '../../../../infra/local/kubernetes/cluster.ts'
import { idOf } from '../../../../shared/id.ts'

const Metadata = z.object({ uid: z.string(), resourceVersion: z.string(), name: z.string() })
const Answer = z.looseObject({ metadata: Metadata.partial(), items: z.array(z.unknown()).optional() })
const Line = z.object({ type: z.string(), object: Answer })

const Range = z.object({ kvs: z.array(z.object({ value: z.string() })) })
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What an event object says in this test; whole seconds, as Kubernetes writes them. */
export type Said = { name?: string; reason?: string; type?: string; object?: string; kind?: string }

/** Straight requests to an API server, by nothing of ours. */
export function apiOf(cluster: Cluster) {
  const dispatcher = new Agent({ connect: { ca: cluster.ca }, connections: 32, bodyTimeout: 0 })
  const headers = { authorization: `Bearer ${cluster.token}` }

  async function ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const answer = await request(`${cluster.url}${path}`, {
      method,
      dispatcher,
      headers: { ...headers, 'content-type': type },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`)
    return Answer.parse(JSON.parse(text))
  }

  async function etcd(path: string, body: object) {
    const answer = await request(`${cluster.etcd.url}/v3/kv/${path}`, {
      ...{ method: 'POST', body: JSON.stringify(body) },
    })
    if (answer.statusCode !== 200) throw new Error(`etcd answered ${answer.statusCode}`)
    return answer.body.json()
  }

  const events = '/api/v1/namespaces/default/events'
  return {
    ask,
    close: () => dispatcher.destroy(),
    /** Makes an event as most controllers still do, and answers with its name. */
    async happens({
      name = `e-${randomUUID()}`,
      reason = 'Tested',
      type = 'Normal',
      object = 'web',
      kind = 'Pod',
    }: Said = {}) {
      const now = `${new Date().toISOString().slice(0, 19)}Z`
      const involvedObject = {
        ...{ kind, name: object, apiVersion: 'v1', uid: randomUUID() },
        ...(kind !== 'Node' && { namespace: 'default' }),
      }
      await ask('POST', events, {
        ...{ metadata: { name }, involvedObject, reason, type, message: `${reason} of ${object}`, count: 1 },
        ...{ firstTimestamp: now, lastTimestamp: now, source: { component: 'test' } },
      })
      return name
    },
    /** It happens again, `count` times by now. */
    again: (name: string, count: number) =>
      ask('PATCH', `${events}/${name}`, {
        count,
        lastTimestamp: `${new Date().toISOString().slice(0, 19)}Z`,
      }),
    /** The ids that ours should publish for what is there now. */
    async ids() {
      const { items = [] } = await ask('GET', '/api/v1/events')
      return items.map(item => {
        const { uid = '', resourceVersion = '' } = Answer.parse(item).metadata
        return idOf(uid, resourceVersion)
      })
    },
    gone: (name: string) => ask('DELETE', `${events}/${name}`),
    /** Puts copies of an event straight into etcd, many times faster than the API server takes them. */
    async multiply(name: string, copies: number) {
      const prefix = '/registry/events/default/'
      const { kvs } = Range.parse(await etcd('range', { key: base64(`${prefix}${name}`) }))
      const { uid = '' } = (await ask('GET', `${events}/${name}`)).metadata
      // Copies have names and uids of the same length: nothing else in the object's bytes changes.
      const value = Buffer.from(kvs[0]?.value ?? '', 'base64').toString('latin1')
      // etcd takes 128 operations at once.
      for (let at = 0; at < copies; at += 128) {
        const success = Array.from({ length: Math.min(128, copies - at) }, () => {
          const other = `e-${randomUUID()}`
          const copy = value.replaceAll(name, other).replaceAll(uid, randomUUID())
          const key = base64(`${prefix}${other}`)
          return { requestPut: { key, value: Buffer.from(copy, 'latin1').toString('base64') } }
        })
        await etcd('txn', { success })
      }
    },
    /**
     * Events that happen, repeat and are deleted, by two writers who each rest so many ms after one, until `stop`, which
     * resolves when the last is written.
     */
    traffic(rest = 0) {
      let going = true
      const failed = () => pause(50)
      const one = async () => {
        const name = await this.happens()
        const times = 1 + Math.floor(Math.random() * 4)
        for (let count = 2; count <= times; count++) await this.again(name, count)
        if (Math.random() < 0.1) await this.gone(name)
      }
      const run = async () => {
        // While the API server is away nothing is written.
        while (going) {
          await one().catch(failed)
          if (rest > 0) await pause(rest)
        }
      }
      const running = [run(), run()]
      return {
        async stop() {
          going = false
          await Promise.all(running)
        },
      }
    },
    /**
     * What another client sees of events, through breaks too: those that are there, and every version from now on. The
     * keys are the ids that ours should publish.
     */
    async independentWatch() {
      const seen = new Map<string, z.infer<typeof Line> & { at: number }>()
      const config = new KubeConfig()
      config.loadFromFile(cluster.kubeconfig)
      const stopping = new AbortController()
      let at = ''
      const note = (type: string, object: unknown) => {
        const line = Line.parse({ type, object })
        const { uid = '', resourceVersion = '' } = line.object.metadata
        at = resourceVersion
        seen.set(idOf(uid, resourceVersion), { ...line, at: Date.now() })
      }
      const { metadata, items = [] } = await ask('GET', '/api/v1/events')
      for (const object of items) note('ADDED', object)
      at = metadata.resourceVersion ?? ''
      const untilItEnds = () =>
        new Promise<unknown>(resolve => {
          const open = new Watch(config).watch('/api/v1/events', { resourceVersion: at }, note, resolve)
          open.then(watch => stopping.signal.addEventListener('abort', () => watch.abort()), resolve)
        })
      const run = async () => {
        // It is cut, or the API server is away: from the last version on.
        while (!stopping.signal.aborted) {
          await untilItEnds()
          await pause(100, undefined, { signal: stopping.signal }).catch(() => {})
        }
      }
      const running = run()
      return {
        seen,
        async stop() {
          stopping.abort()
          await running
        },
      }
    },
  }
}
