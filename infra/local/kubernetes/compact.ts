import { request } from 'undici'
import { z } from 'zod'
import type { Cluster } from './cluster.ts'

const Answer = z.object({ header: z.object({ revision: z.string() }) })

/**
 * Makes etcd forget every state but the current one: who has missed even one change, by its resourceVersion, is
 * answered 410. Resolves with the current revision, which is a resourceVersion too.
 */
export async function compact({ etcd }: Pick<Cluster, 'etcd'>): Promise<string> {
  // A write of our own, since etcd keeps the last change itself.
  const { revision } = await ask(etcd.url, '/v3/kv/put', { key: base64('compacted'), value: '' })
  await ask(etcd.url, '/v3/kv/compaction', { revision, physical: true })
  return revision
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

async function ask(url: string, path: string, body: object): Promise<{ revision: string }> {
  const answer = await request(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`etcd answered ${path} with ${answer.statusCode}: ${text}`)
  return Answer.parse(JSON.parse(text)).header
}
