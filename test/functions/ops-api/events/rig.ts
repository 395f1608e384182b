import fc from 'fast-check'
import { migrate } from '../../../../functions/event-store/migrate.ts'
import { openStore } from '../../../../functions/event-store/store.ts'
import type { StoredEvent } from '../../../../shared/stored.ts'
import type { Token } from '../../../../shared/tokens.ts'
import { openOwnDatabase } from '../../../databases.ts'

export const noon = Date.parse('2026-01-31T12:00:00Z')
export const minute = 60_000

/** An empty database with all tables, and what stores into it. Call it outside of tests and hooks. */
export async function openStored() {
  const { server, database, db } = await openOwnDatabase()
  await migrate(db)
  return { server, db, store: openStore(database).store }
}

/** The bearer of a token who may read these. */
export const reader = (...read: string[]): Token => ({
  ...{ name: 'reader', sha256: '0'.repeat(64), publish: [], read, rights: [] },
})

const words = [
  'Back-off',
  'pulling',
  'image',
  'nginx:1.2.3',
  '镜像拉取失败',
  "O'Brien",
  '50%',
  'ÄRGER',
  'failed',
]
const pick = <T>(...all: T[]) => fc.constantFrom(...all)

/** Subjects of all forms, names among them that look like something else. */
const anySubject = fc.oneof(
  fc
    .tuple(
      pick('prod', 'dev'),
      pick('shop', 'shop2', 'namespaces'),
      pick('pods', 'jobs'),
      pick('web-1', 'web_1', '%', 'w'),
    )
    .map(
      ([cluster, namespace, plural, name]) =>
        `ops.clusters.${cluster}.namespaces.${namespace}.${plural}.${name}.events`,
    ),
  fc
    .tuple(pick('prod', 'dev'), pick('nodes', 'shop'), pick('n1', 'shop', '\\d'), pick('events', 'status'))
    .map(
      ([cluster, plural, name, observation]) => `ops.clusters.${cluster}.${plural}.${name}.${observation}`,
    ),
  pick('ops.clusters.prod.namespaces.shop.deploys', 'ops.a', 'ops.notifications.providers.x', '', 'other'),
)

/** Rows that have much in common, over ten days; some are kept shorter than that. */
export const anyRow: fc.Arbitrary<StoredEvent> = fc
  .record({
    id: fc.uuid(),
    source: pick('a', 'b'),
    ago: fc.integer({ min: -10 * minute, max: 10 * 24 * 60 * minute }),
    recent: fc.boolean(),
    subject: anySubject,
    event_type: pick('Kube', 'Default'),
    type: pick('Warning', 'Normal', 'Kube'),
    cluster: pick('prod', 'dev'),
    namespace: pick('shop', 'shop2', ''),
    kind: pick('Pod', 'Node', 'pod'),
    name: pick('web-1', 'web-2'),
    reason: pick('BackOff', 'Failed', ''),
    category: pick('image', 'node'),
    severity: pick(9, 10, 13, 16, 17, 21),
    occurrences: fc.integer({ min: 0, max: 5 }),
    correlation: pick(null, 'c1', 'c2'),
    said: fc.array(pick(...words), { maxLength: 4 }),
    keep: pick(3, 14, -3),
  })
  .map(({ ago, recent, said, ...row }) => ({
    ...row,
    time: new Date(noon - (recent ? ago % (90 * minute) : ago)),
    ...{ node: '', resource: '', message: said.join(' '), template: null, data: { a: 1 }, attributes: {} },
    observation: row.subject.slice(row.subject.lastIndexOf('.') + 1),
  }))

/** Patterns that match some of them. */
export const anyPattern = fc.oneof(
  pick(
    '>',
    '*',
    'ops.>',
    'ops.*',
    'ops.clusters.*.namespaces.shop.>',
    'ops.clusters.prod.>',
    '*.clusters.*.*.shop.>',
  ),
  pick(
    'ops.clusters.*.nodes.n1.>',
    'ops.clusters.*.nodes.*.events',
    'ops.*.*.namespaces.*.pods.web_1.events',
  ),
  pick(
    'ops.clusters.*.namespaces.*.*.%.>',
    'ops.clusters.prod.namespaces.shop.deploys',
    'ops.clusters.*.*.*.*',
  ),
  anySubject.filter(subject => subject !== ''),
  anySubject
    .filter(subject => subject !== '')
    .chain(subject => {
      const tokens = subject.split('.')
      return fc
        .tuple(
          fc.array(fc.boolean(), { minLength: tokens.length, maxLength: tokens.length }),
          fc.nat(tokens.length),
        )
        .map(([stars, cut]) => {
          const starred = tokens.map((token, at) => (stars[at] ? '*' : token))
          return (cut < tokens.length ? [...starred.slice(0, cut), '>'] : starred).join('.')
        })
    }),
)

const some = <T>(...all: T[]) =>
  fc.option(fc.uniqueArray(pick(...all), { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 1 })
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 1 })

/** Filters of all parameters but times. */
export const anyFilter = fc.record({
  subject: maybe(anyPattern),
  cluster: some('prod', 'dev'),
  namespace: some('shop', ''),
  kind: some('Pod', 'Node', 'pOD', 'x'),
  name: some('web-1'),
  type: some('Warning', 'Kube'),
  reason: some('BackOff', ''),
  category: some('image', 'node'),
  severity: some('info' as const, 'warning' as const, 'error' as const, 'critical' as const),
  correlation: some('c1', 'c2'),
  q: maybe(
    pick(
      'back',
      'BACK-OFF image',
      '"image nginx"',
      '镜像',
      'nginx:1.2.3',
      '"50%" failed',
      'ärger',
      "o'brien",
      '1.2',
    ),
  ),
})
/** One with few parameters, so that something is found. */
export const sparse = fc
  .tuple(anyFilter, fc.infiniteStream(fc.integer({ min: 0, max: 3 })))
  .map(([filter, dice]) => {
    const keep = Object.entries(filter).filter(() => dice.next().value === 0)
    return Object.fromEntries(keep) as Partial<typeof filter>
  })
