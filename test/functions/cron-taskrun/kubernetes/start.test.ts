import { expect, it } from 'vitest'
import { startIn } from '../../../../functions/cron-taskrun/kubernetes/start.ts'
import { KubernetesError } from '../../../../shared/adapters/kubernetes.ts'
import { metadata, runOf, stepOf, token, workOf } from './work.ts'

it('says why the API server refuses a run, without the token that it quotes, and not all of that', async () => {
  const bodies: unknown[] = []
  const quoted = `Cannot be read: bigger context ...|{"endpoint":"http://ops:${token}@in"}|... ${'x'.repeat(300_000)}`
  const start = startIn({
    ...{ now: () => new Date('2026-01-02T03:04:05Z'), image: 'i', privilegedNamespaces: [] },
    async json({ method, path, body }) {
      bodies.push(body)
      if (method === 'POST' && path.endsWith('/secrets')) throw new KubernetesError(400, 'BadRequest', quoted)
      return { metadata: {}, items: [] }
    },
  })
  expect(await start(workOf(runOf(metadata('r')), {}))).toEqual({
    state: 'lost',
    reason: expect.stringMatching(/^It could not be started: Cannot be read: .*ops:\*\*\*@in/),
    places: [],
  })
  const noted =
    bodies.map(body => JSON.stringify(body) ?? '').find(text => text.includes('ops/stopped')) ?? ''
  expect(noted).toContain('ops:***@in')
  expect(noted).not.toContain(token)
  expect(noted.length).toBeLessThan(4_000)
})

it('does not start a run whose Job no cluster would keep', async () => {
  const made: string[] = []
  const start = startIn({
    ...{ now: () => new Date('2026-01-02T03:04:05Z'), image: 'i', privilegedNamespaces: [] },
    async json({ method, path }) {
      if (method === 'POST') made.push(path)
      return { metadata: {}, items: [] }
    },
  })
  const steps = ['a', 'b', 'c'].map(name => stepOf(name))
  const report = await start(workOf(runOf(metadata('r')), { steps, env: { big: 'x'.repeat(500_000) } }))
  expect(report).toMatchObject({
    state: 'lost',
    reason: expect.stringMatching(/^It could not be started: its Job would have 15\d{5} bytes/),
  })
  expect(made).toEqual([])
})
