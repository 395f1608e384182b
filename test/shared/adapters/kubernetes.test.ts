import { createServer, type ServerResponse } from 'node:http'
import { afterAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../infra/local/ports.ts'
import { type Change, KubernetesError, openKubernetes } from '../../../shared/adapters/kubernetes.ts'

const port = await freePort()
const asked: { method?: string | undefined; url?: string | undefined; headers: object; body: string }[] = []
let answer: (response: ServerResponse) => void = response => response.end()

const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  const { method, url, headers } = request
  asked.push({ method, url, headers, body })
  answer(response)
})
await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const access = {
  server: `http://127.0.0.1:${port}/under/`,
  tls: {},
  credentials: async () => ({ authorization: 'Bearer t' }),
}
const kubernetes = openKubernetes(access, { rate: 1_000, burst: 1_000 })
const status = (code: number, reason: string) => ({
  ...{ kind: 'Status', code, reason, message: `It is ${reason}` },
})
const answers = (code: number, body: string, headers = {}) => {
  answer = response => response.writeHead(code, headers).end(body)
}

async function changes(signal = new AbortController().signal): Promise<Change[]> {
  const found: Change[] = []
  for await (const change of await kubernetes.watch({ path: '/w' }, signal)) found.push(change)
  return found
}

describe('json()', () => {
  it('sends what it is told, as who it is', async () => {
    answers(201, '{"a":1}')
    const patch = { path: '/p', query: { limit: 5, continue: undefined, fieldSelector: 'a=b,c!=d' } }
    expect(
      await kubernetes.json({ ...patch, method: 'PATCH', body: { x: 'ü' }, contentType: 'application/y' }),
    ).toEqual({ a: 1 })
    expect(asked.at(-1)).toMatchObject({
      ...{ method: 'PATCH', url: '/under/p?limit=5&fieldSelector=a%3Db%2Cc%21%3Dd', body: '{"x":"ü"}' },
      headers: { authorization: 'Bearer t', 'content-type': 'application/y' },
    })
  })

  it('deletes as it is told', async () => {
    answers(200, '{}')
    await kubernetes.json({ method: 'DELETE', path: '/p', body: { propagationPolicy: 'Background' } })
    expect(asked.at(-1)).toMatchObject({ method: 'DELETE', body: '{"propagationPolicy":"Background"}' })
  })

  it('throws what the server says, and how long it asks to wait', async () => {
    answers(429, JSON.stringify(status(429, 'TooManyRequests')), { 'retry-after': '3' })
    const error = await kubernetes.json({ path: '/p' }).catch(thrown => thrown)
    expect(error).toBeInstanceOf(KubernetesError)
    expect(error).toMatchObject({
      ...{ status: 429, reason: 'TooManyRequests', after: 3_000, message: 'It is TooManyRequests' },
    })
  })

  it('throws the status of something between that does not speak of Kubernetes', async () => {
    answers(502, '<html>')
    await expect(kubernetes.json({ path: '/p' })).rejects.toMatchObject({ status: 502, reason: '' })
  })

  it('waits for its turn', async () => {
    answers(200, '{}')
    const slow = openKubernetes(access, { rate: 20, burst: 1 })
    const began = performance.now()
    for (let turn = 0; turn < 4; turn++) await slow.json({ path: '/p' })
    expect(performance.now() - began).toBeGreaterThan(140)
  })
})

describe('stream()', () => {
  it('brings the answer as it comes, in the form that was asked for', async () => {
    answers(200, 'a\nb')
    const parts: Buffer[] = []
    for await (const part of await kubernetes.stream({ path: '/log', accept: '*/*' })) parts.push(part)
    expect(Buffer.concat(parts).toString()).toBe('a\nb')
    expect(asked.at(-1)).toMatchObject({ headers: { accept: '*/*' } })
  })

  it('throws what the server says, and ends by a signal', async () => {
    answers(400, JSON.stringify(status(400, 'BadRequest')))
    await expect(kubernetes.stream({ path: '/log' })).rejects.toMatchObject({ status: 400 })
    answer = () => {}
    const signal = AbortSignal.timeout(20)
    await expect(kubernetes.stream({ path: '/log', signal })).rejects.toThrow()
    await expect(kubernetes.json({ path: '/p', signal })).rejects.toThrow()
  })
})

describe('watch()', () => {
  const line = (type: string, object: object = {}) => `${JSON.stringify({ type, object })}\n`

  it('brings changes and bookmarks until the server ends it', async () => {
    answers(200, line('ADDED') + line('BOOKMARK') + line('DELETED'))
    expect((await changes()).map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK', 'DELETED'])
  })

  it('throws the Status of an ERROR line', async () => {
    answers(200, line('ADDED') + line('ERROR', status(410, 'Expired')))
    await expect(changes()).rejects.toMatchObject({ status: 410, reason: 'Expired' })
  })

  it('throws for what is no change', async () => {
    answers(200, '"x"\n')
    await expect(changes()).rejects.toThrow('no JSON object')
    answers(200, line('STRANGE'))
    await expect(changes()).rejects.toThrow('"STRANGE"')
  })

  it('throws when the connection breaks in the middle', async () => {
    answer = response => {
      response.write(line('ADDED'))
      setTimeout(() => response.destroy(), 20)
    }
    await expect(changes()).rejects.toThrow()
  })

  it('is open before anything happens, and ends by its signal', async () => {
    answer = response => response.writeHead(200).flushHeaders()
    const stopping = new AbortController()
    const open = await kubernetes.watch({ path: '/w' }, stopping.signal)
    setTimeout(() => stopping.abort(), 20)
    const read = async () => {
      for await (const _ of open) break
    }
    await expect(read()).rejects.toThrow()
  })
})
