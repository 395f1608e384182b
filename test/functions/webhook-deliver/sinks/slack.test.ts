import { describe, expect, it } from 'vitest'
import { slack } from '../../../../functions/webhook-deliver/sinks/slack.ts'
import { serviceOf, told } from './service.ts'

const { send } = serviceOf(slack)

describe('slack', () => {
  it('sends the title, and a coloured attachment with the fields', async () => {
    const { got, outcome } = await send({ options: { channel: '#ops' } }, { body: 'ok' })
    expect(outcome).toEqual({ kind: 'done' })
    expect(got).toMatchObject({ path: '/hook', type: 'application/json' })
    expect(got.body).toEqual({
      channel: '#ops',
      parse: 'none',
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
      text: 'NodeNotReady: node/worker-1 in prod',
      mrkdwn: false,
      attachments: [
        {
          color: '#b3001b',
          fallback: 'NodeNotReady: node/worker-1 in prod',
          blocks: [
            section('cluster: prod\nnode: worker-1\nmessage: Node worker-1 status is now: NodeNotReady'),
            section('action: cordon-node'),
          ],
        },
      ],
    })
  })

  it('tells the end of a trouble in green, with a link and whom to call', async () => {
    const { got } = await send(
      { ...told, options: { mentions: 'U0123, !here' }, additional: '', fields: [] },
      { body: 'ok' },
    )
    expect(got.body).toMatchObject({
      text: '<@U0123> <!here> NodeNotReady: node/worker-1 in prod',
      mrkdwn: true,
      attachments: [
        {
          color: '#2eb67d',
          blocks: [
            { type: 'section' },
            {
              type: 'context',
              elements: [plain('Resolved after 4m10s'), plain('37 more like this since 10:02 UTC')],
            },
            {
              type: 'section',
              text: {
                type: 'mrkdwn',
                text: '<https://console.example/events/e1?a=1&amp;b=2|Open in the console>',
              },
            },
          ],
        },
      ],
    })
  })

  it.each([
    [
      { status: 400, body: 'invalid_payload' },
      { kind: 'drop', code: 400, reason: /does not understand the message/ },
    ],
    [
      { status: 404, body: 'no_service' },
      { kind: 'drop', code: 404, reason: /make a new one and give the hook its URL/ },
    ],
    [
      { status: 404, body: 'channel_not_found' },
      { kind: 'drop', code: 404, reason: /correct options\.channel/ },
    ],
    [
      { status: 410, body: 'channel_is_archived' },
      { kind: 'drop', code: 410, reason: /point the hook at another/ },
    ],
    [
      { status: 403, body: 'action_prohibited' },
      { kind: 'drop', code: 403, reason: /an administrator has forbidden/ },
    ],
    [
      { status: 404, body: 'not yet' },
      { kind: 'retry', code: 404 },
    ],
    [
      { status: 500, body: 'rollup_error' },
      { kind: 'retry', code: 500 },
    ],
    [
      { status: 429, body: 'rate_limited', headers: { 'retry-after': '30' } },
      { kind: 'retry', code: 429, after: 30_000 },
    ],
    [{ body: { ok: true, ts: '1' } }, { kind: 'done' }],
    [{ body: '<!doctype html><title>Sign in</title>' }, { kind: 'retry', reason: /did not say yes/ }],
    [{ body: { ok: false, error: 'not_in_channel' } }, { kind: 'drop', reason: /invite it/ }],
    [{ body: { ok: false, error: 'ratelimited' } }, { kind: 'retry', after: 60_000 }],
    [{ body: { ok: false, error: 'something_new' } }, { kind: 'drop', reason: /something_new/ }],
  ])('reads %o', async (says, outcome) => {
    expect((await send({}, says)).outcome).toMatchObject(expected(outcome))
  })
})

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false })
const section = (text: string) => ({ type: 'section', text: plain(text) })
const expected = ({ reason, ...outcome }: { kind: string; reason?: RegExp }) => ({
  ...outcome,
  ...(reason && { reason: expect.stringMatching(reason) }),
})
