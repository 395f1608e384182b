import { describe, expect, it, onTestFinished } from 'vitest'
import { functionNames } from '../infra/install/secrets.ts'
import { startChild } from '../infra/local/child.ts'
import { freePort } from '../infra/local/ports.ts'
import { until } from '../infra/local/until.ts'
import { ownBundles } from './bundles.ts'
import { callsOf } from './calls.ts'
import { ask, lockEvents, waiting } from './databases.ts'

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
      ...{ child, url, ...callsOf(name, { url, tokens: local }) },
      asksToStop: () => void child.kill('SIGTERM'),
      stopping: () => expect.poll(() => lines.some(line => line.includes('"Stopping"'))).toBe(true),
    }
  }

  it.each(functionNames)(
    '%s answers what it is in the middle of, lets nobody new in, and ends with 0',
    async name => {
      const one = await start(name)
      const rest = await one.half('one')
      one.asksToStop()
      await one.stopping()
      await expect.poll(() => fetch(one.url).catch(({ cause }) => cause.code)).toBe('ECONNREFUSED')
      const { statusCode, headers } = await rest()
      expect({ statusCode, connection: headers.connection }).toEqual({
        statusCode: one.answers,
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
    expect((await one.post(['before'])).status).toBe(200)
    const unlock = await lockEvents(database)
    const answer = one.rows(['slow'])
    await expect.poll(() => waiting(database)).toBe(1)
    one.asksToStop()
    await one.stopping()
    await unlock()
    expect(await answer).toEqual({ status: 200, answered: ['slow'] })
    expect(await one.child.exited).toBe('code 0')
    expect(await ask(database, "select 1 from events where id = 'slow'")).toHaveLength(1)
  })
})
