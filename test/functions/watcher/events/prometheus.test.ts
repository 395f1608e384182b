import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { startChild } from '../../../../infra/local/child.ts'
import { runToEnd } from '../../../../infra/local/command.ts'
import { makeNodes, takeDown } from '../../../../infra/local/kubernetes/kubectl.ts'
import { freePorts } from '../../../../infra/local/ports.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { apiOf } from './api.ts'
import { monitoring } from './monitoring.ts'
import { fileWith, standOf } from './stand.ts'

const folder = fileURLToPath(new URL('../../../../infra/prometheus/', import.meta.url))
const Alerts = z.object({ alerts: z.array(z.object({ labels: z.object({ alertname: z.string() }) })) })
const programs = await monitoring()

/** Starts a receiver of Alertmanager's webhooks, which keeps the names of the alerts that come. */
async function receiver() {
  const [port = 0] = await freePorts(1)
  const came = new Set<string>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    for (const { labels } of Alerts.parse(JSON.parse(body)).alerts) came.add(labels.alertname)
    response.end()
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  afterAll(() => server.close())
  return { came, url: `http://127.0.0.1:${port}/` }
}

/** Starts Alertmanager and Prometheus with the rules of ours at a watcher; what fires is sent to `hook`. */
async function alerting(
  { prometheus, alertmanager }: { prometheus: string; alertmanager: string },
  { target, hook }: { target: string; hook: string },
) {
  const [web, alerts] = (await freePorts(2)).map(port => `127.0.0.1:${port}`)
  // The rules as they are, but for the minute that a node has to be away.
  const rules = readFileSync(join(folder, 'rules.yaml'), 'utf8').replaceAll('for: 1m', 'for: 2s')
  const routes = fileWith(
    stringify({
      route: { receiver: 'test', group_by: ['alertname'], group_wait: '1s', group_interval: '1s' },
      receivers: [{ name: 'test', webhook_configs: [{ url: hook }] }],
    }),
  )
  const scrapes = fileWith(
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [fileWith(rules)],
      scrape_configs: [{ job_name: 'watcher', static_configs: [{ targets: [target] }] }],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alerts] }] }] },
    }),
  )
  const children = [
    await startChild(alertmanager, [
      ...[`--config.file=${routes}`, `--storage.path=${join(dirname(routes), 'data')}`],
      ...[`--web.listen-address=${alerts}`, '--cluster.listen-address='],
    ]),
    await startChild(prometheus, [
      ...[`--config.file=${scrapes}`, `--storage.tsdb.path=${join(dirname(scrapes), 'data')}`],
      `--web.listen-address=${web}`,
    ]),
  ]
  afterAll(() => Promise.all(children.map(child => child.kill())))
}

if ('because' in programs) test.skip(`the alert rules, left out: ${programs.because}`)
else {
  describe('the alert rules', () => {
    it.each([
      ['check', 'rules', 'rules.yaml'],
      ['test', 'rules', 'rules.test.yaml'],
    ])('pass promtool %s %s %s', async (...args) => {
      expect(await runToEnd(programs.promtool, args, { cwd: folder })).toMatchObject({ ok: true })
    })
  })

  describeOnKubernetes('Prometheus at the watcher', { controllers: true }, async cluster => {
    const api = apiOf(cluster)
    const stand = await standOf()
    const { came, url: hook } = await receiver()

    it('fires three alerts from events of Kubernetes, and Alertmanager hands them on', {
      timeout: 300_000,
    }, async () => {
      const { url } = await stand.watcher({ KUBECONFIG: cluster.kubeconfig })
      await alerting(programs, { target: new URL(url).host, hook })
      await makeNodes(cluster, 2)
      await takeDown(cluster, 'node-1')
      await api.ask('POST', '/api/v1/namespaces/default/pods', {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nowhere' } },
        spec: { nodeSelector: { no: 'such' }, containers: [{ name: 'web', image: 'web' }] },
      })
      // Nothing ever crashes here: this one is written as a kubelet does, and of a type that the first rule leaves alone.
      const backOff = await api.happens({ reason: 'BackOff', object: 'web' })
      for (const count of [2, 3, 4, 5, 6]) await api.again(backOff, count)
      await vi.waitFor(
        () => expect([...came].sort()).toEqual(['K8sNodeNotReady', 'K8sPodBackOff', 'K8sWarningEvent']),
        { timeout: 240_000, interval: 200 },
      )
    })
  })
}
