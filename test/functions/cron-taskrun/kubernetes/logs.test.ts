import { describe, expect, it } from 'vitest'
import { readLog } from '../../../../functions/cron-taskrun/kubernetes/logs.ts'
import type { Ask } from '../../../../shared/adapters/kubernetes.ts'

const of = { pod: { namespace: 'ops', name: 'p' }, container: 'a-1' }

async function* chunks(...texts: (string | Error)[]): AsyncGenerator<Buffer> {
  for (const text of texts) {
    if (text instanceof Error) throw text
    yield Buffer.from(text)
  }
}

describe('readLog()', () => {
  it('reads what a container printed, masks what is secret, and takes out results and findings', async () => {
    const asked: Ask[] = []
    const stream = async (ask: Ask) => {
      asked.push(ask)
      return chunks('a sec', 'ret b\nOPS_RESULT:k=v\nOPS_FIND', 'ING:{"x":1}\n')
    }
    expect(await readLog(stream, { ...of, secrets: ['secret'] })).toMatchObject({
      ...{ output: expect.stringMatching(/^a \S+ b\n/), results: { k: 'v' }, findings: [{ data: { x: 1 } }] },
    })
    expect(asked).toMatchObject([{ path: '/api/v1/namespaces/ops/pods/p/log', query: { container: 'a-1' } }])
  })

  it('says what it could not read, and keeps what it could', async () => {
    const { output } = await readLog(async () => chunks('begun\n', new Error('the node is away')), {
      ...of,
      secrets: [],
    })
    expect(output).toMatch(/^begun\n\s*\(Its output cannot be read: the node is away\)/)
  })

  it('reads so many bytes at most, and says so', async () => {
    const mebibyte = 'x'.repeat(1 << 20)
    const stream = async () => chunks(...Array.from({ length: 8 }, () => mebibyte))
    const { output } = await readLog(stream, { ...of, secrets: [] })
    expect(output).toContain('It printed more than the 8 MiB that were read')
    expect(output.length).toBeLessThan(100_000)
  })

  it('shows nothing where nobody knows what to mask', async () => {
    const { output } = await readLog(async () => chunks('secret'), { ...of, secrets: undefined })
    expect(output).toMatch(/^\(Its output is not shown/)
  })
})
