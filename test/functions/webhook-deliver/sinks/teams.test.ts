import { describe, expect, it } from 'vitest'
import { teams } from '../../../../functions/webhook-deliver/sinks/teams.ts'
import { serviceOf, told } from './service.ts'

const { send } = serviceOf(teams)
const passedOn = (status: number) =>
  `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=1,server=X`

describe('teams', () => {
  it('sends an Adaptive Card of text runs', async () => {
    const { got, outcome } = await send(
      { ...told, options: { mentions: 'ann@example.com' } },
      { status: 202 },
    )
    expect(outcome).toEqual({ kind: 'done' })
    expect(got.body).toEqual({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            body: [
              line(
                run('Resolved ', { weight: 'Bolder', size: 'Medium', color: 'good' }),
                run('NodeNotReady: node/worker-1 in prod', { weight: 'Bolder', size: 'Medium' }),
              ),
              line(run('cluster: ', { weight: 'Bolder' }), run('prod')),
              line(run('node: ', { weight: 'Bolder' }), run('worker-1')),
              line(run('message: ', { weight: 'Bolder' }), run('Node worker-1 status is now: NodeNotReady')),
              line(run('action: cordon-node')),
              line(run('Resolved after 4m10s', { isSubtle: true })),
              line(run('37 more like this since 10:02 UTC', { isSubtle: true })),
              { type: 'TextBlock', wrap: true, text: '<at>ann@example.com</at>' },
            ],
            actions: [{ type: 'Action.OpenUrl', title: 'Open in the console', url: told.link }],
            msteams: {
              width: 'Full',
              entities: [
                {
                  type: 'mention',
                  text: '<at>ann@example.com</at>',
                  mentioned: { id: 'ann@example.com', name: 'ann@example.com' },
                },
              ],
            },
          },
        },
      ],
    })
  })

  it.each([
    [{ status: 202, body: '' }, { kind: 'done' }],
    [{ body: '1' }, { kind: 'done' }],
    [{ body: passedOn(429) }, { kind: 'retry', code: 429, after: 60_000 }],
    [{ body: passedOn(503) }, { kind: 'retry', code: 503 }],
    [{ body: passedOn(413) }, { kind: 'drop', code: 413 }],
    [{ body: passedOn(403) }, { kind: 'drop', code: 403 }],
    [{ body: 'Webhook message delivery failed with error: unknown' }, { kind: 'retry', code: 500 }],
    [
      { status: 404, body: { error: { code: 'WorkflowNotFound', message: '…' } } },
      { kind: 'drop', code: 404 },
    ],
    [
      { status: 400, body: { error: { code: 'WorkflowTriggerIsNotEnabled' } } },
      { kind: 'drop', code: 400 },
    ],
    [
      { status: 401, body: { error: { code: 'DirectApiAuthorizationRequired' } } },
      { kind: 'drop', code: 401 },
    ],
    [
      { status: 429, body: '', headers: { 'retry-after': '5' } },
      { kind: 'retry', code: 429, after: 5_000 },
    ],
  ])('reads %o', async (says, outcome) => {
    expect((await send({}, says)).outcome).toMatchObject(outcome)
  })
})

const run = (text: string, more = {}) => ({ type: 'TextRun', text, ...more })
const line = (...inlines: unknown[]) => ({ type: 'RichTextBlock', inlines })
