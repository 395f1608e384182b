import { describe, expect, it } from 'vitest'
import { jobOf } from '../../../../functions/cron-taskrun/kubernetes/job.ts'
import { runSecret } from '../../../../functions/cron-taskrun/kubernetes/run-secret.ts'
import { metadata, runOf, stepOf, token, workOf } from './work.ts'

const now = new Date('2026-01-02T03:04:05Z')
const allowed = { privilegedNamespaces: [], image: 'ubuntu:22.04' }

function made(of: Parameters<typeof workOf>[1], name = 'r', over: object = {}) {
  const work = workOf(runOf(metadata(name)), { deadline: new Date(now.getTime() + 90_500), ...of })
  const [at] = work.at
  if (!at) throw new Error('It has no place')
  return { work, job: jobOf(at, { work, allowed: { ...allowed, ...over }, now }) }
}
const podOf = (...of: Parameters<typeof made>) => made(...of).job.spec.template.spec
const envOf = (...of: Parameters<typeof made>) =>
  Object.fromEntries(podOf(...of).containers.flatMap(({ env }) => env.map(one => [one.name, one])))

/** A value as the kubelet expands it, by the documentation of `env` in a container. */
function expanded(value: string): string {
  let text = ''
  for (let at = 0; at < value.length; at++) {
    const rest = value.slice(at)
    const reference = /^\$\(([^)]*)\)/.exec(rest)
    if (rest.startsWith('$$')) {
      text += '$'
      at++
    } else if (reference) {
      text += `<the value of ${reference[1]}>`
      at += reference[0].length - 1
    } else text += value[at]
  }
  return text
}

describe('jobOf()', () => {
  it.each(['$(PATH)', '$$(PATH)', '$$', '$', '$$$(X)$', '$(touch x)`\'"\n;\\', `\${HOME}`])(
    'hands on %j byte for byte',
    value => {
      const { V } = envOf({ env: { V: value }, places: ['n'] })
      expect(V && 'value' in V && expanded(V.value)).toBe(value)
    },
  )

  it('has the endpoint of a run from its Secret, and its token nowhere', () => {
    const { job, work } = made({
      env: { OPSSERVER_ENDPOINT: 'somebody', 'no name': 'x' },
      steps: [stepOf('a', { env: { OPS_1: 'y' } })],
    })
    expect(JSON.stringify(job)).not.toContain(token)
    const { env } = job.spec.template.spec.containers[0] ?? { env: [] }
    expect(env).toEqual([
      { name: 'OPS_1', value: 'y' },
      {
        name: 'OPSSERVER_ENDPOINT',
        valueFrom: { secretKeyRef: { name: runSecret(work).metadata.name, key: 'endpoint' } },
      },
      { name: 'HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    ])
  })

  it('is for one node and tolerates all, or is where the scheduler puts it', () => {
    expect(envOf({ places: ['n1'] }).HOSTNAME).toEqual({ name: 'HOSTNAME', value: 'n1' })
    expect(podOf({ places: ['n1'] })).toMatchObject({
      tolerations: [{ operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
    })
    expect(podOf({})).not.toHaveProperty('affinity')
    expect(podOf({})).not.toHaveProperty('tolerations')
  })

  it('runs steps in their order, the last one as the container', () => {
    const long = `s${'-x'.repeat(60)}`
    const { initContainers, containers } = podOf({
      steps: [stepOf('a'), stepOf('b', { image: 'python:3' }), stepOf(long)],
    })
    expect(initContainers.map(({ name, image }) => [name, image])).toEqual([
      ['a-1', 'ubuntu:22.04'],
      ['b-2', 'python:3'],
    ])
    expect(containers.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^s[-x]{50,58}-[0-9a-f]{8}-3$/),
    ])
    expect(containers[0]?.name.length).toBeLessThanOrEqual(63)
  })

  it('ends by itself some time after the deadline', () => {
    expect(made({}).job.spec).toMatchObject({ activeDeadlineSeconds: 211, backoffLimit: 0 })
    expect(made({ deadline: new Date(0) }).job.spec.activeDeadlineSeconds).toBe(120)
  })

  it('has names that Kubernetes takes, each of one run and place', () => {
    const name = `${'x'.repeat(200)}.y`
    const { job, work } = made({ places: ['n1'] }, name)
    expect(job.metadata.name).toMatch(/^x{43}-[0-9a-f]{8}-[0-9a-f]{10}$/)
    const names = ['r', 'r.1'].flatMap(run =>
      ['', 'n1', 'n2'].map(place => made({ places: [place] }, run).job.metadata.name),
    )
    expect(new Set(names).size).toBe(6)
    for (const one of names) expect(one).toMatch(/^[a-z0-9-]{1,63}$/)
    const again = workOf(runOf(metadata('r', 'another-uid')), {})
    expect(runSecret(again).metadata.name).not.toBe(runSecret(made({}).work).metadata.name)
    expect(runSecret(work).metadata.name.length).toBeLessThanOrEqual(253)
  })

  it('gives no rights by itself, and those that the operator gave', () => {
    expect(podOf({})).toMatchObject({
      automountServiceAccountToken: false,
      containers: [
        {
          securityContext: {
            ...{ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      ],
    })
    expect(podOf({}, 'r', { serviceAccount: 'runs', user: 1000 })).toMatchObject({
      ...{ automountServiceAccountToken: true, serviceAccountName: 'runs' },
      containers: [{ securityContext: { runAsNonRoot: true, runAsUser: 1000 } }],
    })
  })

  it('keeps the same script of several places once', () => {
    const steps = [stepOf('a', { text: 'one' }), stepOf('b', { text: 'one' })]
    const one = runSecret(made({ places: ['n1'], steps }).work).stringData
    expect(runSecret(made({ places: ['n1', 'n2', 'n3'], steps }).work).stringData).toEqual(one)
    expect(Object.values(one).filter(text => text === 'one')).toHaveLength(1)
  })
})
