import { describe, expect, it } from 'vitest'
import { discord } from '../../../../functions/webhook-deliver/sinks/discord.ts'
import { serviceOf, told } from './service.ts'

const { send } = serviceOf(discord)

describe('discord', () => {
  it('sends an embed, waits until it is kept, and calls nobody', async () => {
    const { got, outcome } = await send(
      { ...told, path: '/api/webhooks/1/t?thread_id=7' },
      { body: { id: '1' } },
    )
    expect(outcome).toEqual({ kind: 'done' })
    expect(Object.fromEntries(got.query)).toEqual({ thread_id: '7', wait: 'true' })
    expect(got.body).toEqual({
      content: '',
      embeds: [
        {
          title: 'NodeNotReady\\: node\\/worker\\-1 in prod',
          description: [
            '**cluster:** prod\n**node:** worker\\-1',
            '**message:** Node worker\\-1 status is now\\: NodeNotReady\n\naction\\: cordon\\-node',
          ].join('\n'),
          color: 0x2ecc71,
          url: told.link,
          footer: { text: 'Resolved after 4m10s · 37 more like this since 10:02 UTC' },
          timestamp: '2026-01-31T11:59:58.000Z',
        },
      ],
      allowed_mentions: { parse: [], users: [], roles: [] },
    })
  })

  it('calls whom the hook names and nobody else', async () => {
    const { got } = await send({ options: { mentions: '42, &43, everyone' } })
    expect(got.body).toMatchObject({
      content: '<@42> <@&43> @everyone',
      allowed_mentions: { parse: ['everyone'], users: ['42'], roles: ['43'] },
    })
  })

  it('sends a template of any length, and lets it call nobody', async () => {
    const { got } = await send({ templated: true, text: `@everyone ${'x'.repeat(3_000)}` })
    expect(got.body).toEqual({
      content: `@everyone ${'x'.repeat(1_989)}…`,
      allowed_mentions: { parse: [], users: [], roles: [] },
    })
  })

  it.each([
    [
      { status: 429, body: { message: 'You are being rate limited.', retry_after: 64.57, global: false } },
      { kind: 'retry', code: 429, after: 64_570 },
    ],
    [
      { status: 429, body: 'error code: 1015', headers: { 'retry-after': '9' } },
      { kind: 'retry', code: 429, after: 9_000 },
    ],
    [
      { status: 404, body: { message: 'Unknown Webhook', code: 10015 } },
      { kind: 'drop', code: 404 },
    ],
    [
      { status: 401, body: { message: 'Invalid Webhook Token', code: 50027 } },
      { kind: 'drop', code: 401 },
    ],
    [
      { status: 400, body: { message: 'Invalid Form Body', code: 50035 } },
      { kind: 'drop', code: 400 },
    ],
    [
      { status: 404, body: 'no such host here' },
      { kind: 'retry', code: 404 },
    ],
    [
      { status: 502, body: '' },
      { kind: 'retry', code: 502 },
    ],
  ])('reads %o', async (says, outcome) => {
    expect((await send({}, says)).outcome).toMatchObject(outcome)
  })
})
