import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const agent = new Agent({ keepAlive: true })

/** What was answered: `message` of a refusal, `data` of what was taken: a list of a batch alone. */
export type Answered = {
  status: number
  headers: IncomingHttpHeaders
  message: string
  data?: Data | Data[] | undefined
}

const Taken = z.strictObject({
  id: z.string(),
  subject: z.string(),
  stream: z.string(),
  seq: z.number(),
  duplicate: z.boolean(),
})
type Data = z.infer<typeof Taken>
const Envelope = z.strictObject({
  code: z.number(),
  message: z.string(),
  data: z.union([Taken, z.array(Taken)]).optional(),
})

/** Posts as it is told: unlike `fetch` it sends the path as it stands. */
export async function call(
  url: string,
  { path, method = 'POST', headers = {}, body = '' }: Call,
): Promise<Answered> {
  const { hostname, port } = new URL(url)
  const sending = request({ agent, hostname, port, path, method, headers }).end(method === 'GET' ? '' : body)
  const answered: IncomingMessage = (await once(sending, 'response'))[0]
  const { code, message, data } = Envelope.parse(JSON.parse(await text(answered)))
  const status = answered.statusCode ?? 0
  if (code !== (status === 200 ? 0 : status)) throw new Error(`Answered ${status} with the code ${code}`)
  return { status, headers: answered.headers, message, data }
}

export type Call = {
  path: string
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
}
