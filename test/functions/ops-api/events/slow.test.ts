import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { tails } from '../../../../functions/ops-api/events/tail.ts'
import type { Followed } from '../../../../shared/adapters/follow.ts'
import { classify } from '../../../../shared/classify.ts'
import { reader } from './rig.ts'

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
  const server = createServer(async (_, response) => {
    const streamed = tail({ asked: {}, token: reader('>') })
    if ('write' in streamed) await streamed.write(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const asking = request({ port, host: '127.0.0.1' })
  asking.end()
  const answer = await new Promise<import('node:http').IncomingMessage>(resolve =>
    asking.on('response', resolve),
  )
  await vi.waitFor(() => expect(isEnded).toBe(true))
  let text = ''
  answer.on('data', part => {
    text = `${text}${part}`.slice(-1_000)
  })
  await new Promise(resolve => answer.on('close', resolve))
  expect(sent).toBeLessThan(200)
})
