import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import { runTokensIn } from '../../../shared/adapters/run-tokens.ts'
import { digestOf, newRunToken, type RunToken, runSubjects } from '../../../shared/run-tokens.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'
import { look, openDoor, ready } from './door.ts'

const run = promisify(execFile)
const cluster = 'ops.clusters.mycluster'
const lineage = { hops: 3, via: 'ops/remedy', causationid: 'event-1', correlationid: 'trouble-1' }

describe.each(natsVersions)('the token of a run, on NATS %s', async version => {
  const server = await ownNats(version)
  const bus = await look(server)
  const nats = openNats(server.url, 'test', quiet)
  const tokens = runTokensIn(nats)
  const door = await openDoor(server)
  await ready(door)
  afterAll(() => Promise.all([nats.close(), bus.close()]))

  const made = (uid: string, more: Partial<RunToken> = {}) => {
    const token = newRunToken(uid)
    const kept: RunToken = {
      ...{ sha256: digestOf(token), kind: 'TaskRun', namespace: 'ops-system', name: 'check-1', uid },
      ...{ publish: runSubjects('mycluster'), lineage },
      expires: new Date(Date.now() + 3_600_000).toISOString(),
      ...more,
    }
    return { token, kept }
  }

  /** As the scripts of Tasks call it, with the token in the URL; the answer and its status. */
  async function curl(token: string, path: string, body: object, ...more: string[]) {
    const url = `http://ops:${token}@${new URL(door.url).host}`
    const args = ['-sS', '-w', '%{http_code}', '-X', 'POST', '-d', JSON.stringify(body), ...more, url + path]
    const [answer = '', status] = (await run('curl', args)).stdout.split('\n')
    const parsed: { message: string } = JSON.parse(answer)
    return { status: Number(status), message: parsed.message }
  }
  const events = (path: string) => `/api/v1/namespaces/ops-system/events/${path}`
  const finding = {
    ...{ host: 'h1', type: 'TaskRunReport', kind: 'check-1', threshold: '90', operator: '>', value: '95' },
    ...{ status: 'alerting', message: 'disk is full' },
  }
  const last = async () => (await bus.stored()).at(-1)

  const paths: [path: string, subject: string][] = [
    ['nodes.ip-10-0-0-1.ec2.internal.findings', `${cluster}.nodes.ip-10-0-0-1_ec2_internal.findings`],
    ['nodes.Worker-1.alerts', `${cluster}.nodes.worker-1.alerts`],
    ['hosts.h1.findings', `${cluster}.namespaces.ops-system.hosts.h1.findings`],
    ['hosts.10.0.0.1.findings', `${cluster}.namespaces.ops-system.hosts.10.0.0.1.findings`],
    ['clusters.mycluster.findings', `${cluster}.namespaces.ops-system.clusters.mycluster.findings`],
    ['taskruns.alert-x7k2p.findings', `${cluster}.namespaces.ops-system.taskruns.alert-x7k2p.findings`],
    ['datasets.models.findings', `${cluster}.namespaces.ops-system.datasets.models.findings`],
    ['datasets.models.alerts', `${cluster}.namespaces.ops-system.datasets.models.alerts`],
  ]

  it('takes the findings of the scripts of the older system to where they belong, with where they come from', async () => {
    const { token, kept } = made('u-paths')
    await tokens.keep(kept)
    for (const [path, subject] of paths) {
      expect(await curl(token, events(path), finding, '-H', 'ops-hops: 1')).toMatchObject({ status: 200 })
      const stored = await last()
      expect(stored).toMatchObject({ subject, event: { type: 'TaskRunReport', ...lineage } })
      expect(stored?.text).toContain(`"data":${JSON.stringify(finding)}`)
    }
  })

  it('stamps a CloudEvent too, whatever it says of itself', async () => {
    const { token, kept } = made('u-ce')
    await tokens.keep(kept)
    const event = {
      ...{ specversion: '1.0', id: 'e1', source: '/s', type: 't', subject: 'hosts.h1.alerts', data: {} },
      ...{ hops: 1, via: 'ops/other', causationid: 'x', correlationid: 'x', cluster: 'other' },
    }
    const type = ['-H', 'content-type: application/cloudevents+json']
    expect(await curl(token, '/', event, ...type)).toMatchObject({ status: 200 })
    expect(await last()).toMatchObject({ event: { id: 'e1', cluster: 'mycluster', ...lineage } })
  })

  it('leaves a run of the clock without hooks behind it', async () => {
    const { token, kept } = made('u-clock', { lineage: {} })
    await tokens.keep(kept)
    await curl(token, events('hosts.h1.findings'), finding)
    expect((await last())?.event).not.toHaveProperty('via')
  })

  it('publishes nothing but findings and alerts of its own cluster', async () => {
    const { token, kept } = made('u-foreign')
    await tokens.keep(kept)
    const foreign = [
      'pods.web-1.events',
      'taskruns.check-1.status',
      'ops.clusters.other.nodes.n1.findings',
      'ops.notifications.providers.x.channels.y.severities.info',
      'findings.of.mine',
    ]
    for (const path of foreign) {
      expect(await curl(token, events(path), finding)).toEqual({
        status: 403,
        message: expect.stringMatching(/^Token "run:ops-system\/check-1" may not publish on "ops\./),
      })
    }
  })

  it('is good until it expires or is dropped, and beside the one that came after it', async () => {
    const [first, second] = [made('u-good'), made('u-good')]
    await tokens.keep(first.kept)
    await tokens.keep(second.kept)
    const post = async ({ token }: typeof first) =>
      (await curl(token, events('hosts.h1.findings'), finding)).status
    expect([await post(first), await post(second), await post(made('u-good'))]).toEqual([200, 200, 401])
    const past = made('u-past', { expires: new Date(Date.now() - 1).toISOString() })
    await tokens.keep(past.kept)
    expect(await post(past)).toBe(401)
    await tokens.drop('u-good')
    await expect.poll(() => post(first), { timeout: 10_000 }).toBe(401)
  })

  it('is not called wrong while nobody can be asked', async () => {
    const { token, kept } = made('u-away')
    await tokens.keep(kept)
    await server.kill()
    const refused = await curl(token, events('hosts.h1.findings'), finding)
    expect(refused).toMatchObject({ status: 503, message: expect.stringMatching(/NATS does not answer/) })
    await server.restart()
    const again = async () => (await curl(token, events('hosts.h1.findings'), finding)).status
    await expect.poll(again, { timeout: 20_000 }).toBe(200)
  })
})
