import { describe, expect, it } from 'vitest'
import { changes } from '../../../../functions/watcher/resources/reader.ts'
import { type Ask, KubernetesError, type Change as Line } from '../../../../shared/adapters/kubernetes.ts'
import { messageOf } from '../../../../shared/log.ts'
import { rawObject } from './objects.ts'

type Answer = object | Error
type Script = { lists: Answer[]; watches: (Line[] | Error | [...Line[], Error])[] }

const line = (type: Line['type'], name: string, version: string): Line => ({
  type,
  object: rawObject(name, { metadata: { resourceVersion: version } }),
})
const bookmark = (resourceVersion: string): Line => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion } },
})
const list = (version: string, names: string[], next?: string) => ({
  metadata: { resourceVersion: version, continue: next },
  items: names.map(name => rawObject(name)),
})

/** What is read of a server that answers so, one answer after the other, and what it is asked; ends with the last. */
async function readFrom({ lists, watches }: Script) {
  const stopping = new AbortController()
  const asked: string[] = []
  const failures: string[] = []
  const slept: number[] = []
  const over = () => {
    stopping.abort()
    throw new Error('over')
  }
  const world = {
    async json({ query = {} }: Ask) {
      asked.push(`list ${query.continue ?? ''}`.trim())
      const answer = lists.shift() ?? over()
      if (answer instanceof Error) throw answer
      return answer
    },
    async watch({ query = {} }: Ask) {
      asked.push(`watch ${query.resourceVersion}`)
      const answer = watches.shift() ?? over()
      if (answer instanceof Error) throw answer
      return (async function* () {
        for (const one of answer) {
          if (one instanceof Error) throw one
          yield one
        }
      })()
    },
    failed: (error: unknown) => failures.push(messageOf(error)),
    sleep: async (ms: number) => {
      slept.push(ms)
    },
    random: () => 1,
  }
  const seen: string[] = []
  for await (const change of changes(world, '/apis/x', stopping.signal)) {
    if (change.kind === 'all') seen.push(`all ${change.objects.map(({ id }) => id).join(' ')}`.trim())
    else seen.push('object' in change ? `${change.kind} ${change.object.id}` : change.kind)
  }
  return { asked, failures, slept, seen }
}

const gone = new KubernetesError(410, 'Expired', 'too old resource version')

describe('changes()', () => {
  it('lists page by page, then watches from there, and goes on where a watch ended', async () => {
    const { asked, seen } = await readFrom({
      lists: [list('5', ['a'], 'more'), list('5', ['b'])],
      watches: [
        [line('ADDED', 'c', '6'), line('DELETED', 'a', '7'), bookmark('9')],
        [line('MODIFIED', 'b', '10')],
      ],
    })
    expect(seen).toEqual(['all ops/a ops/b', 'put ops/c', 'gone ops/a', 'still', 'put ops/b'])
    expect(asked).toEqual(['list', 'list more', 'watch 5', 'watch 9', 'watch 10'])
  })

  it('lists again without complaint where the server has forgotten the place', async () => {
    const { seen, failures, slept } = await readFrom({
      lists: [list('5', ['a']), list('50', ['b'])],
      watches: [[line('ADDED', 'c', '6'), gone], [bookmark('51')]],
    })
    expect(seen).toEqual(['all ops/a', 'put ops/c', 'all ops/b', 'still'])
    expect(failures).toEqual([])
    expect(slept).toEqual([])
  })

  it('lists again where a watch ends without a word', async () => {
    const { asked, slept } = await readFrom({ lists: [list('5', []), list('8', [])], watches: [[], []] })
    expect(asked).toEqual(['list', 'watch 5', 'list', 'watch 8', 'list'])
    expect(slept).toEqual([1_000, 1_000])
  })

  it('says that the cluster does not know the kind, and asks again', async () => {
    const unknown = new KubernetesError(404, 'NotFound', 'the server could not find the requested resource')
    const { seen, failures } = await readFrom({ lists: [unknown, unknown, list('5', ['a'])], watches: [] })
    expect(seen).toEqual(['unknown', 'unknown', 'all ops/a'])
    expect(failures).toEqual([])
  })

  it('says why it cannot read, and asks less and less often, or when the server wants it', async () => {
    const refused = new KubernetesError(403, 'Forbidden', 'no')
    const busy = new KubernetesError(429, 'TooManyRequests', 'later', 7_000)
    const { failures, slept } = await readFrom({
      lists: [refused, refused, new Error('cut'), busy, list('5', [])],
      watches: [],
    })
    expect(failures).toEqual(['no', 'no', 'cut', 'later'])
    expect(slept).toEqual([500, 1_000, 2_000, 7_000])
  })

  it('leaves out an object that cannot be read, and goes on', async () => {
    const { seen, failures } = await readFrom({
      lists: [{ ...list('5', ['a']), items: [rawObject('a'), { metadata: { resourceVersion: '1' } }] }],
      watches: [[line('ADDED', 'b', '6')]],
    })
    expect(seen).toEqual(['all ops/a', 'put ops/b'])
    expect(failures).toEqual([expect.stringMatching(/^An object of the API server is not as its CRD has it/)])
  })
})
