import { once } from 'node:events'
import { request as call, type IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startChild } from '../infra/local/child.ts'
import { freePort } from '../infra/local/ports.ts'
import { until } from '../infra/local/until.ts'
import { mediaTypes } from '../shared/cloudevents-http.ts'
import { ownSource } from '../shared/event.ts'
import { ownBundles } from './bundles.ts'
import { ask, lockEvents, waiting } from './databases.ts'

const event = {
  ...{ specversion: '1.0', id: 'one', source: ownSource, type: 'Default' },
  datacontenttype: 'application/json',
  ...{ subject: 'ops.clusters.c.nodes.n.events', time: '2026-01-31T12:00:00Z', data: { message: 'm' } },
}
const silence = { name: 'night', subject: 'ops.*.a.>', until: '2999-01-01T00:00:00Z', comment: 'a test' }

type Asked = { path: string; type: string; body: unknown; as: 'token' | 'bridgeToken' }
const ofBridge: Asked = { path: '/', type: mediaTypes.batch, body: [event], as: 'bridgeToken' }

/** What each is in the middle of, and what it answers, alone as it is here. */
const asked: Record<string, Asked & { answers: number }> = {
  'subject-ingest': {
    ...{ path: '/api/v1/namespaces/n/events/nodes.n.events', type: 'application/json', as: 'token' },
    ...{ body: { message: 'm' }, answers: 200 },
  },
  'hook-evaluate': { ...ofBridge, answers: 200 },
  'webhook-deliver': { ...ofBridge, answers: 200 },
  'cron-taskrun': { ...ofBridge, answers: 200 },
  'event-store': { ...ofBridge, answers: 200 },
  'ops-api': {
    ...{ path: '/api/v1/silences', type: 'application/json', as: 'token' },
    ...{ body: silence, answers: 201 },
  },
}

describe('a bundle that is asked to stop', async () => {
  const { local, database, bundleOf } = await ownBundles()

  async function start(name: string) {
    const port = await freePort()
    const { file, env } = bundleOf(name, port)
    const lines: string[] = []
    const child = await startChild(process.execPath, [file], { env, line: text => lines.push(text) })
    onTestFinished(() => child.kill())
    const url = `http://127.0.0.1:${port}`
    const answers = () => fetch(`${url}/readyz`).then(({ ok }) => ok || undefined)
    await until(`${name} to be ready`, child, () => answers().catch(() => undefined))
    return {
      ...{ child, port, url },
      asksToStop: () => void child.kill('SIGTERM'),
      stopping: () => expect.poll(() => lines.some(line => line.includes('"Stopping"'))).toBe(true),
    }
  }

  it.each(Object.entries(asked))(
    '%s answers what it is in the middle of, lets nobody new in, and ends with 0',
    async (name, { path, type, body, as, answers }) => {
      const one = await start(name)
      const [begun, rest] = halves(JSON.stringify(body))
      const headers = {
        ...{ authorization: `Bearer ${local[as]}`, 'content-type': type },
        ...{ 'content-length': Buffer.byteLength(begun + rest), expect: '100-continue' },
      }
      const request = call({ port: one.port, method: 'POST', path, headers })
      const answer = new Promise<IncomingMessage>((resolve, reject) =>
        request.on('response', resolve).on('error', reject),
      )
      // It says so when it has the request in its hands.
      request.flushHeaders()
      await once(request, 'continue')
      request.write(begun)
      one.asksToStop()
      await one.stopping()
      await expect.poll(() => fetch(one.url).catch(({ cause }) => cause.code)).toBe('ECONNREFUSED')
      request.end(rest)
      const { statusCode, headers: said } = await answer
      expect({ statusCode, connection: said.connection }).toEqual({
        statusCode: answers,
        connection: 'close',
      })
      expect(await one.child.exited).toBe('code 0')
    },
  )

  it('ops-api ends an open tail in good order', async () => {
    const one = await start('ops-api')
    const tail = await fetch(`${one.url}/api/v1/tail`, {
      headers: { authorization: `Bearer ${local.token}` },
    })
    expect(tail.status).toBe(200)
    one.asksToStop()
    expect(await tail.text()).toContain(': from here on')
    expect(await one.child.exited).toBe('code 0')
  })

  it('event-store waits for a slow database, and the batch is stored once', async () => {
    const one = await start('event-store')
    const store = (id: string) =>
      fetch(one.url, {
        ...{ method: 'POST', body: JSON.stringify([{ ...event, id }]) },
        headers: { authorization: `Bearer ${local.bridgeToken}`, 'content-type': mediaTypes.batch },
      })
    expect((await store('before')).status).toBe(200)
    const unlock = await lockEvents(database)
    const answer = store('slow')
    await expect.poll(() => waiting(database)).toBe(1)
    one.asksToStop()
    await one.stopping()
    await unlock()
    expect(await (await answer).json()).toMatchObject({ results: [{ id: 'slow', status: 200 }] })
    expect(await one.child.exited).toBe('code 0')
    expect(await ask(database, "select 1 from events where id = 'slow'")).toHaveLength(1)
  })
})

const halves = (text: string): [string, string] => [text.slice(0, 10), text.slice(10)]
