import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settle } from '../../../../functions/watcher/objects/settle.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import type { Applying } from '../../../../shared/adapters/objects/applying.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats } from '../../../servers.ts'
import { folderOf, taskRunYaml } from './files.ts'

/** What one of two watchers goes through: which folder it sees, and at which of its writes it is killed, if at all. */
const turn = fc.record({
  folder: fc.nat({ max: 3 }),
  both: fc.boolean(),
  killed: fc.option(fc.record({ at: fc.integer({ min: 1, max: 8 }), done: fc.boolean() })),
})

describe('two watchers', async () => {
  const bus = await ownNats()
  const nats = openNats(bus.url, 'test', quiet)
  const now = () => Date.parse('2026-01-31T12:00:00Z')
  beforeAll(async () => ensureStreams(await nats.opened, 1, quiet))
  afterAll(() => nats.close())
  const [one, other] = [objectsInKv(nats, { now }), objectsInKv(nats, { now })]
  let round = 0

  it('settle on what the folder has, and run no content twice, whatever kills them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 8 }), async turns => {
        const prefix = `r${++round}`
        const folders = [
          {},
          { a: 'once', b: '@hourly' },
          { a: 'other', b: '@daily' },
          { a: '@hourly', b: 'once' },
        ]
        const folder = (at: number) =>
          folderOf(
            Object.fromEntries(
              Object.entries(folders[at] ?? {}).map(([name, what]) => [
                `${name}.yaml`,
                taskRunYaml(`${prefix}-${name}`, what.startsWith('@') ? { crontab: what } : { desc: what }),
              ]),
            ),
          )
        const made: string[] = []
        for (const { folder: at, both, killed } of turns) {
          const first = settle(folder(at), mortal(counted(one, made), killed))
          const second = both ? settle(folder(at), counted(other, made)) : undefined
          await Promise.allSettled([first, second])
        }
        const last = folder(turns.at(-1)?.folder ?? 0)
        await Promise.all([settle(last, counted(one, made)), settle(last, counted(other, made))])

        const nothing = { made: [], changed: [], removed: [], taken: [] }
        expect(await settle(last, counted(one, made))).toMatchObject(nothing)
        // A schedule may come back; what runs once does not.
        const once = made.filter(uid => !uid.startsWith('schedule '))
        expect(new Set(once).size).toBe(once.length)
        const lying = (await one.list('TaskRun')).filter(({ metadata }) => metadata.name.startsWith(prefix))
        for (const { object, once, uid } of last.wanted) {
          const there = lying.find(({ metadata }) => metadata.name === object.metadata.name)
          if (!once) expect(there).toMatchObject({ metadata: { uid }, spec: object.spec })
          else {
            expect(made).toContain(uid)
            expect(there?.spec.crontab).toBeUndefined()
          }
        }
        expect(lying.length).toBeLessThanOrEqual(last.wanted.length)
        await settle(folder(0), one)
      }),
      { numRuns: 100 },
    )
  }, 120_000)

  /** Notes which objects it makes. */
  function counted(applying: Applying, made: string[]): Applying {
    return {
      ...applying,
      async make(object, uid, before) {
        const done = await applying.make(object, uid, before)
        if (done) made.push(object.spec.crontab ? `schedule ${uid}` : uid)
        return done
      },
    }
  }

  /** Nothing of it is done any more from one of its writes on, or from the next one. */
  function mortal(applying: Applying, killed: { at: number; done: boolean } | null): Applying {
    let writes = 0
    async function write<T>(act: () => Promise<T>): Promise<T> {
      const isLast = ++writes === killed?.at
      if (killed && (writes > killed.at || (isLast && !killed.done))) throw new Error('killed')
      const done = await act()
      if (isLast) throw new Error('killed')
      return done
    }
    return {
      ...applying,
      make: (...given) => write(() => applying.make(...given)),
      change: (...given) => write(() => applying.change(...given)),
      discard: (...given) => write(() => applying.discard(...given)),
      remember: (...given) => write(() => applying.remember(...given)),
    }
  }
})
