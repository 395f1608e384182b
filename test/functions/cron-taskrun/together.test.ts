import { describe, expect, it } from 'vitest'
import { readTogether } from '../../../functions/cron-taskrun/together.ts'
import { storedOf } from '../../../shared/adapters/objects/read.ts'
import type { Objects, Stored } from '../../../shared/objects.ts'

const taskOf = (desc: string) => ({
  metadata: {
    ...{ name: 'check', namespace: 'ops-system', uid: 'u', resourceVersion: '1' },
    creationTimestamp: '2026-01-31T12:00:00Z',
  },
  spec: { desc, steps: [{ content: 'true' }] },
})

/** Objects of which each reading waits until it is answered; `asked` says what was asked for. */
function slow() {
  const asked: { key: string; answer: (desc: string) => void; fail: (error: Error) => void }[] = []
  const none = () => Promise.reject(new Error('Nobody asks for this here'))
  const get: Objects['get'] = (kind, namespace, name) =>
    new Promise((resolve, fail) => {
      const answer = (desc: string) => resolve(storedOf(kind, taskOf(desc)))
      asked.push({ key: `${kind} ${namespace}/${name}`, answer, fail })
    })
  return { asked, objects: readTogether({ get, list: none, create: none, putStatus: none, remove: none }) }
}

const descOf = async (found: Promise<Stored<'Task'> | undefined>) => (await found)?.spec.desc

describe('readTogether()', () => {
  const ask = (objects: Objects, name = 'check') => descOf(objects.get('Task', 'ops-system', name))

  it('asks once for all that come while it is read, and behind that reading', async () => {
    const { asked, objects } = slow()
    const first = ask(objects)
    const others = [ask(objects), ask(objects), ask(objects)]
    expect(asked).toHaveLength(1)
    asked[0]?.answer('before an edit')
    expect(await first).toBe('before an edit')
    await expect.poll(() => asked.length).toBe(2)
    asked[1]?.answer('edited')
    expect(await Promise.all(others)).toEqual(['edited', 'edited', 'edited'])
    expect(asked).toHaveLength(2)
  })

  it('asks anew once nobody reads it', async () => {
    const { asked, objects } = slow()
    for (const desc of ['one', 'two', 'three']) {
      const found = ask(objects)
      asked.at(-1)?.answer(desc)
      expect(await found).toBe(desc)
    }
    expect(asked).toHaveLength(3)
  })

  it('gives who comes during the second reading a third one', async () => {
    const { asked, objects } = slow()
    const found = [ask(objects), ask(objects)]
    asked[0]?.answer('one')
    await expect.poll(() => asked.length).toBe(2)
    found.push(ask(objects))
    asked[1]?.answer('two')
    await expect.poll(() => asked.length).toBe(3)
    asked[2]?.answer('three')
    expect(await Promise.all(found)).toEqual(['one', 'two', 'three'])
  })

  it('lets no failure of one reading be that of the next', async () => {
    const { asked, objects } = slow()
    const [first, second] = [ask(objects), ask(objects)]
    asked[0]?.fail(new Error('The API server is away'))
    await expect(first).rejects.toThrow('is away')
    await expect.poll(() => asked.length).toBe(2)
    asked[1]?.answer('there')
    expect(await second).toBe('there')
  })

  it('keeps different objects apart', async () => {
    const { asked, objects } = slow()
    void ask(objects)
    void ask(objects, 'other')
    void objects.get('Pipeline', 'ops-system', 'check')
    expect(asked.map(({ key }) => key)).toEqual([
      'Task ops-system/check',
      'Task ops-system/other',
      'Pipeline ops-system/check',
    ])
  })
})
