import { expect, it } from 'vitest'
import { silenceRoutes, type World } from '../../../../functions/ops-api/silences/routes.ts'
import { SilenceSpec } from '../../../../shared/silence.ts'
import type { Token } from '../../../../shared/tokens.ts'
import { quiet } from '../../../quiet.ts'

const silence = {
  ...{ id: 'ops/night', namespace: 'ops', name: 'night' },
  spec: SilenceSpec.parse({ until: '2026-02-01T00:00:00Z' }),
}
const notes = ['ops.clusters.a.nodes.n.events', 'ops.clusters.b.nodes.n.events'].map(subject => ({ subject }))
const unused = async () => {
  throw new Error('not asked for')
}
const world: World = {
  book: {
    get: async () => ({ silence, from: 'api', revision: 1 }),
    ...{ all: unused, put: unused, remove: unused },
  },
  silenced: { count: async () => 2, latest: async () => [...notes.map(note => JSON.stringify(note)), '{'] },
  namespace: 'ops',
  now: () => Date.parse('2026-01-31T12:00:00Z'),
  log: quiet,
}

const token = (may: Partial<Token>): Token => ({
  name: 't',
  sha256: '',
  publish: [],
  read: [],
  rights: [],
  ...may,
})

it.each<[string, Partial<Token>, object[]]>([
  ['who reads one cluster', { read: ['ops.clusters.b.>'] }, notes.slice(1)],
  ['who reads all', { read: ['ops.>'] }, notes],
  ['who keeps silences', { rights: ['silences'] }, notes],
  ['an administrator', { rights: ['admin'] }, notes],
  ['who replays dead letters', { rights: ['deadletters'] }, []],
])('what was silenced is shown to %s as far as that goes', async (_, may, list) => {
  const route = silenceRoutes(world).find(({ path }) => path.endsWith('/silenced'))
  const params = { namespace: 'ops', name: 'night' }
  const answer = await route?.answer({
    token: token(may),
    params,
    query: new URLSearchParams(),
    body: undefined,
  })
  expect(answer).toMatchObject({ data: { list, total: list.length } })
})
