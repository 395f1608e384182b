import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dingtalk } from '../../../../functions/webhook-deliver/sinks/dingtalk.ts'
import { feishu } from '../../../../functions/webhook-deliver/sinks/feishu.ts'
import { wecom } from '../../../../functions/webhook-deliver/sinks/wecom.ts'
import { isObject } from '../../../../shared/json.ts'
import { type Got, serviceOf, told } from './service.ts'

// The three that say 200 to everything.
const services = { dingtalk: serviceOf(dingtalk), feishu: serviceOf(feishu), wecom: serviceOf(wecom) }
const yes = { errcode: 0, errmsg: 'ok' }

describe('dingtalk', () => {
  const { send } = services.dingtalk

  it('sends Markdown and calls whom the hook names', async () => {
    const options = { mentions: '13800000000, ann' }
    const title = 'Resolved: NodeNotReady: node/worker-1 in prod'
    const { got, outcome } = await send({ ...told, title, options }, { body: yes })
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.body).toEqual({
      msgtype: 'markdown',
      markdown: {
        title: 'Resolved · NodeNotReady: node/worker-1 in prod',
        text: [
          '### Resolved · NodeNotReady: node/worker-1 in prod',
          '**cluster:** prod',
          '**node:** worker-1',
          '**message:** Node worker-1 status is now: NodeNotReady',
          'action: cordon-node',
          'Resolved after 4m10s',
          '37 more like this since 10:02 UTC',
          '[Open in the console](https://console.example/events/e1?a=1&b=2)',
          '@13800000000 @ann',
        ].join('\n\n'),
      },
      at: { atMobiles: ['13800000000'], atUserIds: ['ann'], isAtAll: false },
    })
  })

  // As the page "Customize robot security settings" has it: HMAC of "timestamp\nsecret" with the secret.
  const signed = ({ query }: Got) => {
    const timestamp = query.get('timestamp') ?? ''
    const sign = createHmac('sha256', 'SECx').update(`${timestamp}\nSECx`).digest('base64')
    return { body: query.get('sign') === sign ? yes : { errcode: 310000, errmsg: 'sign not match' } }
  }

  it('signs with options.secret, and keeps the access token of the url', async () => {
    const { got, outcome } = await send(
      { path: '/robot/send?access_token=t', options: { secret: 'SECx' } },
      signed,
    )
    expect(outcome).toEqual({ kind: 'done' })
    expect(Object.fromEntries(got.query)).toMatchObject({ access_token: 't', timestamp: '1769860800900' })
    expect(got.text).not.toContain('SECx')
  })

  it('says what to do when the sign is wrong', async () => {
    const { outcome } = await send({ options: { secret: 'SECy' } }, signed)
    expect(outcome).toMatchObject({
      kind: 'drop',
      reason: expect.stringMatching(/310000: .*options\.secret/),
    })
  })
})

describe('feishu', () => {
  const { send } = services.feishu

  it('sends a card of plain texts', async () => {
    const { got, outcome } = await send(
      { ...told, options: { mentions: 'ou_1, all' } },
      { body: { code: 0, msg: 'success' } },
    )
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.body).toEqual({
      msg_type: 'interactive',
      card: {
        config: { wide_screen_mode: true },
        header: { template: 'green', title: plain('NodeNotReady: node/worker-1 in prod') },
        elements: [
          {
            tag: 'div',
            text: plain('cluster: prod\nnode: worker-1\nmessage: Node worker-1 status is now: NodeNotReady'),
          },
          { tag: 'div', text: plain('action: cordon-node') },
          {
            tag: 'note',
            elements: [plain('Resolved after 4m10s'), plain('37 more like this since 10:02 UTC')],
          },
          { tag: 'div', text: { tag: 'lark_md', content: '<at id=ou_1></at> <at id=all></at>' } },
          {
            tag: 'action',
            actions: [{ tag: 'button', type: 'default', text: plain('Open in the console'), url: told.link }],
          },
        ],
      },
    })
  })

  it('signs with options.secret in the body', async () => {
    // As the page has it: HMAC of nothing with the key "timestamp\nsecret", seconds.
    const says = ({ body }: Got) => {
      const { timestamp, sign } = isObject(body) ? body : {}
      const right = createHmac('sha256', `${timestamp}\nsec`).update('').digest('base64')
      return { body: sign === right ? { StatusCode: 0 } : { code: 19021, msg: 'sign match fail' } }
    }
    const { got, outcome } = await send({ options: { secret: 'sec' } }, says)
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.body).toMatchObject({ timestamp: '1769860800' })
    expect((await send({ options: { secret: 'other' } }, says)).outcome).toMatchObject({ kind: 'drop' })
  })
})

describe('wecom', () => {
  const { send } = services.wecom

  it('sends Markdown with a colour', async () => {
    const { got, outcome } = await send({ ...told, options: { mentions: 'ann' } }, { body: yes })
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.body).toEqual({
      msgtype: 'markdown',
      markdown: {
        content: [
          '**<font color="info">Resolved</font>** NodeNotReady: node/worker-1 in prod',
          '>cluster: prod',
          '>node: worker-1',
          '>message: Node worker-1 status is now: NodeNotReady',
          'action: cordon-node',
          'Resolved after 4m10s',
          '37 more like this since 10:02 UTC',
          '[Open in the console](https://console.example/events/e1?a=1&b=2)',
          '<@ann>',
        ].join('\n'),
      },
    })
  })
})

describe('a service that says 200 to everything', () => {
  it.each([
    ['dingtalk', { errcode: 130101, errmsg: 'send too fast' }, { kind: 'retry', after: 600_000 }],
    ['dingtalk', { errcode: 410100, errmsg: '发送速度太快而限流' }, { kind: 'retry', after: 600_000 }],
    ['dingtalk', { errcode: -1, errmsg: '系统繁忙' }, { kind: 'retry', after: 60_000 }],
    [
      'dingtalk',
      { errcode: 310000, errmsg: 'keywords not in content' },
      { kind: 'drop' },
      /write it into additional/,
    ],
    [
      'dingtalk',
      { errcode: 300001, errmsg: 'token is not exist' },
      { kind: 'drop' },
      /copy the URL of the robot again/,
    ],
    [
      'dingtalk',
      { errcode: 430102, errmsg: '包含不合适的内容' },
      { kind: 'drop' },
      /words that it does not allow/,
    ],
    ['dingtalk', { errcode: 99, errmsg: '?' }, { kind: 'drop' }, /refused it with code 99/],
    ['feishu', { code: 11232, msg: 'frequency limited psm[lark.oapi]' }, { kind: 'retry', after: 60_000 }],
    ['feishu', { code: 9499, msg: 'too many request' }, { kind: 'retry', after: 60_000 }],
    [
      'feishu',
      { code: 9499, msg: 'Bad Request', data: {} },
      { kind: 'drop' },
      /does not understand the message/,
    ],
    ['feishu', { code: 19024, msg: 'Key Words Not Found' }, { kind: 'drop' }, /write one into additional/],
    ['feishu', { code: 19022, msg: 'Ip Not Allowed' }, { kind: 'drop' }, /not in the list of the robot/],
    ['feishu', { code: 19001, msg: 'param invalid' }, { kind: 'drop' }, /copy the URL/],
    ['feishu', { StatusCode: 0, code: 19007, msg: 'Bot Not Enabled' }, { kind: 'drop' }, /switched off/],
    ['feishu', { StatusCode: 0, StatusMessage: 'success' }, { kind: 'done' }],
    ['wecom', { errcode: 45009, errmsg: 'api freq out of limit' }, { kind: 'retry', after: 60_000 }],
    [
      'wecom',
      { errcode: 93000, errmsg: 'invalid webhook url, hint: [1]' },
      { kind: 'drop' },
      /key in the url is wrong/,
    ],
    ['wecom', { errcode: 40058, errmsg: 'markdown.content exceed max length' }, { kind: 'drop' }, /too long/],
    ['dingtalk', '<html>Sign in</html>', { kind: 'retry' }, /did not say yes/],
    ['feishu', '{}', { kind: 'retry' }, /did not say yes/],
    ['wecom', '', { kind: 'retry' }, /did not say yes/],
    ['wecom', '[1]', { kind: 'retry' }, /did not say yes/],
  ] as const)('is understood: %s %o', async (kind, body, outcome, reason = /.*/) => {
    const { outcome: found } = await services[kind].send({}, { body })
    expect(found).toMatchObject(outcome)
    if (found.kind !== 'done') expect(found.reason).toMatch(reason)
  })

  it('is read by its status where that says no', async () => {
    const { outcome } = await services.wecom.send({}, { status: 502, body: '<html>' })
    expect(outcome).toMatchObject({ kind: 'retry', code: 502 })
  })
})

const plain = (content: string) => ({ tag: 'plain_text', content })
