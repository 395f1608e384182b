import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { templateOf } from '../../shared/template.ts'

const uid = '6f0e5c1c-1111-4222-8333-444455556666'

// [the template, messages that have it]
const families: [string, string[]][] = [
  [
    'image <*> not found',
    ['image foo:1.2.3 not found', 'image bar:2.0 not found', 'image reg.io/foo/bar:latest not found'],
  ],
  [
    'Failed to pull image "<*>": rpc error: code = NotFound desc = failed to pull and unpack image "<*>": failed to resolve reference "<*>": <*>: not found',
    ['foo:1.2.3', 'reg.io:5000/team/bar@sha256:0a1b2c'].map(
      image =>
        `Failed to pull image "${image}": rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`,
    ),
  ],
  [
    'Back-off restarting failed container app in pod <*>',
    [
      `Back-off restarting failed container app in pod web-7d4b9c6f5d-x2x9z_shop(${uid})`,
      `Back-off restarting failed container app in pod web_shop(${uid})`,
    ],
  ],
  [
    'Error: failed to "<*>" for "<*>" with CrashLoopBackOff: "back-off <*> restarting failed container=<*> pod=<*>"',
    [
      `Error: failed to "StartContainer" for "app" with CrashLoopBackOff: "back-off 5m0s restarting failed container=app pod=web_shop(${uid})"`,
      `Error: failed to "StartContainer" for "db" with CrashLoopBackOff: "back-off 10s restarting failed container=db pod=db-0_shop(${uid})"`,
    ],
  ],
  [
    'Unable to attach or mount volumes: unmounted volumes=[<*>], unattached volumes=[<*>]: timed out waiting for the condition',
    [
      'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[]: timed out waiting for the condition',
      'Unable to attach or mount volumes: unmounted volumes=[data logs], unattached volumes=[kube-api-access-x2x9z data]: timed out waiting for the condition',
    ],
  ],
  [
    '<*> nodes are available: <*> node(s) had untolerated taint {<*>}, <*> Insufficient cpu. preemption: <*> nodes are available',
    [
      '0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 2 Insufficient cpu. preemption: 0/3 nodes are available',
      '0/12 nodes are available: 5 node(s) had untolerated taint {gpu: yes}, 7 Insufficient cpu. preemption: 0/12 nodes are available',
    ],
  ],
  [
    'Readiness probe failed: Get "<*>": dial tcp <*>: i/o timeout',
    [
      'Readiness probe failed: Get "http://10.244.0.5:8080/healthz": dial tcp 10.244.0.5:8080: i/o timeout',
      'Readiness probe failed: Get "https://api.shop.svc/": dial tcp fd00::5:8080: i/o timeout',
    ],
  ],
  ['Scaled up replica set <*> to <*> from <*>', ['Scaled up replica set web-7d4b9c6f5d to 3 from 1']],
  ['deleting pod <*>', ['deleting pod kube-proxy-xkzvw', 'deleting pod web-7d4b9c6f5d-bcdfg']],
  ["couldn't find key '<*>' in ConfigMap <*>", ["couldn't find key 'a.yaml' in ConfigMap shop/app"]],
  ['at <*> and <*>', ['at 1, 2, 3 and 4', 'at 12:00:00 2026-01-31T12:00:00Z and 0x1f']],
  ['x509: certificate signed by unknown authority', ['x509: certificate signed by unknown authority']],
  ['Error: ErrImagePull, std::bad_alloc in node(s)', ['Error: ErrImagePull,  std::bad_alloc\n in node(s) ']],
  ['节点<*>不可用，磁盘 <*>', ['节点10.0.0.1不可用，磁盘 95%', '节点node-7不可用，磁盘 9%']],
  ['a b � <*>', ['a\u0000b \ud800 1']],
]

describe('templateOf()', () => {
  it.each(families)('finds %s', (text, messages) => {
    for (const message of messages) expect(templateOf(message)?.text, message).toBe(text)
    expect(new Set(messages.map(message => templateOf(message)?.id)).size).toBe(1)
  })

  it('gives messages that say something else another name', () => {
    const messages = [
      'Error: ErrImagePull',
      'Error: ImagePullBackOff',
      'Job completed',
      'image <*> not found',
    ]
    expect(new Set(messages.map(message => templateOf(message)?.id)).size).toBe(messages.length)
  })

  it.each(['', ' \n ', '\u0000'])('finds none in %j', message => {
    expect(templateOf(message)).toBeUndefined()
  })

  it('says the same again, is never long, and has nothing that the database refuses', () => {
    const messages = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(fc.constantFrom(...'[]{}"\'`=(),:; \n_-a1é'), { maxLength: 600 }).map(signs => signs.join('')),
    )
    fc.assert(
      fc.property(messages, message => {
        const made = templateOf(message)
        expect(templateOf(message)).toEqual(made)
        expect(made?.text.length ?? 0).toBeLessThanOrEqual(500)
        expect(made?.text.isWellFormed() ?? true).toBe(true)
        expect(made?.text ?? '').not.toContain('\u0000')
      }),
      { seed: 6 },
    )
  })

  it('takes no longer for whoever wants it to', () => {
    const hostile = ['[', '"', '"a ', "'", '`"[{', '((((', 'x_(1', 'a:', '1,', '....', '= ', '-', 'é1']
    for (const part of hostile) {
      const message = part.repeat(1_000_000 / part.length)
      const times = Array.from({ length: 5 }, () => {
        const started = performance.now()
        templateOf(message)
        return performance.now() - started
      })
      // Something else may have had the processor in one of them, hardly in all.
      expect(Math.min(...times), part).toBeLessThan(250)
    }
  })
})
