import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type Probing, probeCluster } from '../../../../functions/cron-taskrun/clusters/probe.ts'
import { freePort } from '../../../../infra/local/ports.ts'
import { certificateEnd } from '../../../../shared/adapters/certificate.ts'
import { type Access, accessIn, accessOf } from '../../../../shared/adapters/kubeconfig.ts'
import { openKubernetes } from '../../../../shared/adapters/kubernetes.ts'
import type { ClusterSpec, ClusterStatus } from '../../../../shared/resources/cluster.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'

const now = new Date()
const world = (own?: Access): Probing => ({
  ...{ own: () => own, accessIn, certificateEnd, now: () => now },
  open: access => openKubernetes(access, { rate: 100, burst: 100 }, { keepAlive: false }),
})
const before: ClusterStatus = {
  version: 'v1.2.3',
  node: 7,
  pod: 8,
  certNotAfterDays: 9,
  heartStatus: 'Successed',
}
const failed = { ...before, heartStatus: 'Failed', heartTime: now.toISOString() }
const probe = (spec: ClusterSpec, own?: Access) => probeCluster({ spec, before }, world(own))

const config = (cluster: object, user: object = { token: 't' }) =>
  Buffer.from(
    stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
    }),
  ).toString('base64')

describe('probeCluster()', () => {
  it('says that nothing listens, and keeps what was known', async () => {
    const port = await freePort()
    expect(await probe({ server: `https://127.0.0.1:${port}`, token: 't' })).toEqual({
      status: failed,
      problem: expect.stringMatching(`^127.0.0.1:${port} cannot be reached: .*ECONNREFUSED`),
    })
  })

  it('does not wait for ever for one that never answers', async () => {
    const silent = createServer(() => {})
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    afterAll(() => silent.close())
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const asked = { spec: { server: `https://127.0.0.1:${port}` }, before }
    expect(await probeCluster(asked, { ...world(), patience: 500 })).toEqual({
      ...{ status: failed, problem: `127.0.0.1:${port} did not answer within 0.5 s` },
    })
  })

  const server = { server: 'https://127.0.0.1:1' }
  const touched = join(dirname(new URL(import.meta.url).pathname), 'touched-by-a-kubeconfig')
  it.each([
    [
      'exec',
      {},
      { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [touched] } },
    ],
    ['tokenFile', {}, { tokenFile: '/etc/hostname' }],
    ['client-certificate', {}, { 'client-certificate': '/etc/hostname', 'client-key-data': 'eA==' }],
    ['client-key', {}, { 'client-certificate-data': 'eA==', 'client-key': '/etc/hostname' }],
    ['certificate-authority', { 'certificate-authority': '/etc/hostname' }, { token: 't' }],
  ])('refuses a kubeconfig with "%s"', async (field, cluster, user) => {
    const { status, problem } = await probe({ config: config({ ...server, ...cluster }, user) })
    expect(status).toEqual(failed)
    expect(problem).toMatch(`has "${field}", which names a program or file of this machine`)
    expect(existsSync(touched)).toBe(false)
  })

  it.each([
    ['config', { config: 'bm90OiBbeWFtbA==' }, /^Cannot read the kubeconfig that was given: it is not YAML/],
    ['config', { config: Buffer.from('a: 1').toString('base64') }, /^Cannot find the context ""/],
    ['server', { server: 'ftp://x' }, /^Cannot read the server "ftp:\/\/x": it has to be a URL/],
    ['spec, where we are in no cluster', {}, /^It names neither server nor config/],
  ])('says what is wrong with a %s', async (_, spec, problem) => {
    expect(await probe(spec)).toEqual({ status: failed, problem: expect.stringMatching(problem) })
  })
})

describeOnKubernetes('probeCluster() of a cluster', {}, cluster => {
  const kubeconfig = () => readFileSync(cluster.kubeconfig)
  const found = {
    version: expect.stringMatching(/^v1\.\d+/),
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    ...{ node: 0, pod: 0, runningPod: 0, heartStatus: 'Successed', heartTime: now.toISOString() },
    certNotAfterDays: expect.any(Number),
  }

  it('finds it by its kubeconfig, and our own by nothing', async () => {
    expect(await probe({ config: kubeconfig().toString('base64') })).toEqual({ status: found })
    expect(await probe({}, accessOf({ KUBECONFIG: cluster.kubeconfig }))).toEqual({ status: found })
  })

  it('counts nodes and pods', async () => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' } }
    const pod = (name: string) => ({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' } },
      spec: { containers: [{ name: 'c', image: 'i' }], automountServiceAccountToken: false },
    })
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: 'default' },
    }
    const items = [node, account, pod('a'), pod('b'), pod('c')]
    await cluster.kubectl(['apply', '-f', '-'], stringify({ apiVersion: 'v1', kind: 'List', items }))
    const running = JSON.stringify({ status: { phase: 'Running' } })
    await cluster.kubectl(['patch', 'pod/b', '--subresource=status', '--type=merge', '-p', running])
    const { status } = await probe({ config: kubeconfig().toString('base64') })
    expect(status).toMatchObject({ node: 1, pod: 3, runningPod: 1 })
  })

  it('says until when its certificate is good, as openssl does', async () => {
    const { status } = await probe({ config: kubeconfig().toString('base64') })
    const path = join(dirname(cluster.kubeconfig), 'certificates', 'apiserver.crt')
    const end = execFileSync('openssl', ['x509', '-in', path, '-noout', '-enddate'], { encoding: 'utf8' })
    const days = (Date.parse(end.replace('notAfter=', '')) - now.getTime()) / 86_400_000
    expect(status.certNotAfterDays).toBe(Math.floor(days))
  })

  it('does not send a token to a server that nobody vouches for', async () => {
    const { status, problem } = await probe({ server: cluster.url, token: cluster.token })
    expect(status).toMatchObject({ ...failed, certNotAfterDays: before.certNotAfterDays })
    expect(problem).toMatch(
      /cannot be reached: .*; a kubeconfig with certificate-authority-data says whom to trust$/,
    )
  })

  it('says that a token is not good', async () => {
    const ca = { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') }
    const { status, problem } = await probe({
      config: config({ server: cluster.url, ...ca }, { token: 'wrong' }),
    })
    expect(status).toEqual(failed)
    expect(problem).toMatch(/answered 401: Unauthorized/)
  })

  it('tells what it may not see, and what it found all the same', async () => {
    const token = (await cluster.kubectl(['create', 'token', 'default'])).trim()
    const ca = { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') }
    const { status, problem } = await probe({ config: config({ server: cluster.url, ...ca }, { token }) })
    expect(status).toMatchObject({ heartStatus: 'Successed', version: found.version, node: before.node })
    expect(problem).toMatch(/nodes is forbidden.*pods is forbidden/)
  })
})
