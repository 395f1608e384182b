import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { exported } from '../../../../functions/ops-api/events/export.ts'
import { tails } from '../../../../functions/ops-api/events/tail.ts'
import type { Followed } from '../../../../shared/adapters/follow.ts'
import { classify } from '../../../../shared/classify.ts'
import { stored } from '../../../stored.ts'
import { reader } from './rig.ts'

/** The answer, of which nothing is read yet. */
async function answerOf(handler: (response: ServerResponse) => Promise<void>): Promise<IncomingMessage> {
  const server = createServer((_, response) => void handler(response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const asking = request({ port, host: '127.0.0.1' })
  asking.end()
  return new Promise(resolve => asking.on('response', resolve))
}

it('who reads too slowly is told so and let go, and holds up nothing here', async () => {
  let sent = 0
  let isEnded = false
  async function* follow(): AsyncGenerator<Followed> {
    try {
      for (;;) {
        const data = { message: 'x'.repeat(100_000) }
        const event = { specversion: '1.0', id: String(sent), source: 's', type: 't', subject: 'ops.a', data }
        yield { seq: sent++, payload: Buffer.from(JSON.stringify(event)) }
      }
    } finally {
      isEnded = true
    }
  }
  const tail = tails({ follow, classify, now: Date.now, ending: new AbortController().signal, patience: 100 })
  const answer = await answerOf(async response => {
    const streamed = tail({ asked: {}, token: reader('>') })
    if ('write' in streamed) await streamed.write(response)
  })
  await vi.waitFor(() => expect(isEnded).toBe(true))
  let text = ''
  answer.on('data', part => {
    text = `${text}${part}`.slice(-1_000)
  })
  await new Promise(resolve => answer.on('close', resolve))
  expect(sent).toBeLessThan(200)
})

it('who takes nothing of an export for too long is let go, and sees that it is not whole', async () => {
  let pages = 0
  const [start, end, now] = [0, 1, 1]
  const row = stored({ at: 0, name: 'web-1', reason: 'BackOff', message: 'x'.repeat(8_000) })
  const last = { time: 0, id: '', source: '', keep: 14 }
  const ask = async () => {
    pages++
    return { rows: Array.from({ length: 1_000 }, () => row), next: { start, end, now, last } }
  }
  const from = { start, end, now }
  const wanted = { format: 'ndjson', limit: 1_000_000, from, ask, cursorOf: () => '', patience: 100 } as const
  const over = Promise.withResolvers<void>()
  const answer = await answerOf(async response => {
    const streamed = await exported(wanted)
    if ('write' in streamed) await streamed.write(response)
    over.resolve()
  })
  await over.promise
  expect(pages).toBeLessThan(10)
  answer.resume()
  await expect(
    new Promise((resolve, reject) => answer.on('end', resolve).on('error', reject)),
  ).rejects.toThrow('aborted')
})
