import { describe, expect, it } from 'vitest'
import { telegram } from '../../../../functions/webhook-deliver/sinks/telegram.ts'
import { serviceOf, told } from './service.ts'
import { shipment } from './shipments.ts'

const { send } = serviceOf(telegram)
const options = { chat_id: '-1001', token: '123456:ABC-def' }
const yes = { body: { ok: true, result: {} } }
const no = (status: number, description: string, parameters = {}) => ({
  status,
  body: { ok: false, error_code: status, description, parameters },
})

describe('telegram', () => {
  it('sends HTML to the chat, event text in code only', async () => {
    const more = { mentions: 'ann', thread: '7', silent: 'true' }
    const { got, outcome } = await send({ ...told, path: '/', options: { ...options, ...more } }, yes)
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.path).toBe('/bot123456:ABC-def/sendMessage')
    expect(got.body).toEqual({
      chat_id: '-1001',
      message_thread_id: 7,
      disable_notification: true,
      link_preview_options: { is_disabled: true },
      parse_mode: 'HTML',
      text: [
        '<b>Resolved</b> <code>NodeNotReady: node/worker-1 in prod</code>',
        '<pre>cluster: prod\nnode: worker-1\nmessage: Node worker-1 status is now: NodeNotReady</pre>',
        '<pre>action: cordon-node</pre>',
        'Resolved after 4m10s',
        '37 more like this since 10:02 UTC',
        '<a href="https://console.example/events/e1?a=1&amp;b=2">Open in the console</a>',
        '@ann',
      ].join('\n'),
    })
  })

  it.each([
    ['https://api.telegram.org/', 'https://api.telegram.org/bot123456:ABC-def/sendMessage'],
    ['http://bots.example/api', 'http://bots.example/api/bot123456:ABC-def/sendMessage'],
    ['http://bots.example/bot9:x/sendMessage', 'http://bots.example/bot9:x/sendMessage'],
  ])('finds the method behind %s', (url, address) => {
    const request = telegram.request(shipment({ url: new URL(url), options }))
    expect('url' in request && request.url.href).toBe(address)
  })

  it('sends a template as HTML or as it is told, and one that is cut without its markup', async () => {
    const template = (text: string, more = {}) =>
      send({ templated: true, text, options: { ...options, ...more } }, yes)
    expect((await template('<b>x</b>')).got.body).toMatchObject({ text: '<b>x</b>', parse_mode: 'HTML' })
    expect((await template('*x*', { parse_mode: 'MarkdownV2' })).got.body).toMatchObject({
      parse_mode: 'MarkdownV2',
    })
    expect((await template('x', { parse_mode: 'none' })).got.body).not.toHaveProperty('parse_mode')
    expect((await template(`<b>${'x'.repeat(5_000)}</b>`)).got.body).not.toHaveProperty('parse_mode')
  })

  it.each([
    [
      no(429, 'Too Many Requests: retry after 35', { retry_after: 35 }),
      { kind: 'retry', code: 429, after: 35_000 },
    ],
    [no(400, 'Bad Request: chat not found'), { kind: 'drop', code: 400 }],
    [
      no(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -100 }),
      { kind: 'drop' },
    ],
    [no(400, "Bad Request: can't parse entities: unclosed tag"), { kind: 'drop', code: 400 }],
    [no(401, 'Unauthorized'), { kind: 'drop', code: 401 }],
    [no(404, 'Not Found'), { kind: 'drop', code: 404 }],
    [no(403, 'Forbidden: bot was kicked from the supergroup chat'), { kind: 'drop', code: 403 }],
    [no(500, 'Internal Server Error'), { kind: 'retry', code: 500 }],
    [{ body: { ok: true, result: { text: 'x'.repeat(40_000) } } }, { kind: 'done' }],
    [{ body: '<html>Sign in</html>' }, { kind: 'retry' }],
  ])('reads %o', async (says, outcome) => {
    expect((await send({ options }, says)).outcome).toMatchObject(outcome)
  })
})
