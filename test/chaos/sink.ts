import { createServer } from 'node:http'
import { z } from 'zod'
import { bodyOf } from '../../shared/host.ts'
import { enter } from './ledger.ts'

// A receiver outside of the system under test: it writes down what it gets, and answers after that.
const env = z.object({ PORT: z.coerce.number(), LEDGER: z.string() }).parse(process.env)
const Delivery = z.object({
  event: z.object({ id: z.string(), data: z.object({ n: z.number() }) }),
  hook: z.object({ name: z.string() }),
})

createServer(async (request, response) => {
  if (request.method !== 'POST') return void response.end('ok')
  const body = await bodyOf(request, 1024 * 1024)
  const { event, hook } = Delivery.parse(JSON.parse(String(body)))
  const webhookId = String(request.headers['webhook-id'])
  enter(env.LEDGER, { n: event.data.n, hook: hook.name, webhookId, eventId: event.id, at: Date.now() })
  response.writeHead(204).end()
}).listen(env.PORT, '127.0.0.1')
