import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf } from '../../../shared/adapters/lines.ts'

async function read(chunks: Buffer[]): Promise<unknown[]> {
  const lines: unknown[] = []
  const stream = (async function* () {
    yield* chunks
  })()
  for await (const line of linesOf(stream)) lines.push(line)
  return lines
}

describe('linesOf()', () => {
  it('reads the same lines wherever the bytes are cut, through characters too', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        async (texts, cuts) => {
          let rest = Buffer.from(texts.map(text => `${JSON.stringify({ text })}\n`).join(''))
          const chunks: Buffer[] = []
          for (let at = 0; rest.length > 0; at++) {
            const length = cuts[at % cuts.length] ?? 1
            chunks.push(rest.subarray(0, length))
            rest = rest.subarray(length)
          }
          expect(await read(chunks)).toEqual(texts.map(text => ({ text })))
        },
      ),
    ))

  it('leaves out a last line without its end, and empty ones', async () => {
    expect(await read([Buffer.from('{"a":1}\n\n{"a":2}\n{"a":')])).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('refuses a line that no object of Kubernetes could fill', async () => {
    const part = Buffer.alloc(1024 * 1024, 'x')
    await expect(read(Array(9).fill(part))).rejects.toThrow('longer than')
  })
})
