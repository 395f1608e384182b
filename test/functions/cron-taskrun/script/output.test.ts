import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outputReader } from '../../../../functions/cron-taskrun/script/output.ts'

const readOf = (chunks: (string | Buffer)[], about: { secrets?: string[]; most?: number } = {}) => {
  const reader = outputReader({ secrets: [], ...about })
  for (const chunk of chunks) reader.push(Buffer.from(chunk as string))
  return reader.end()
}
const token = 'opsrun_0b2a6c1e-1111-4222-8333-444455556666_0123456789abcdef0123456789abcdef0123456789abcdef'

describe('outputReader()', () => {
  it('reads what was printed, and hands it on without the newlines at its end', () => {
    expect(readOf(['one\n', 'two\n\n'])).toEqual({
      ...{ output: 'one\ntwo\n\n', whole: 'one\ntwo', bytes: 9, results: {}, findings: [] },
    })
  })

  it('reads characters that come in pieces', () => {
    const bytes = Buffer.from('grüße 世界 \u{1F600}')
    expect(readOf([...bytes].map(byte => Buffer.from([byte]))).output).toBe('grüße 世界 \u{1F600}')
  })

  it('keeps head and tail of a long output, and says how much is missing', () => {
    const { output, whole, bytes } = readOf([`start${'x'.repeat(200_000)}end`], { most: 100 })
    expect(output).toBe(`start${'x'.repeat(45)}\n… 199908 bytes are left out here …\n${'x'.repeat(47)}end`)
    expect({ whole, bytes }).toEqual({ whole: undefined, bytes: 200_008 })
  })

  it('hands on up to 100 KiB whole, counted in bytes', () => {
    expect(readOf(['x'.repeat(102_400), '\n\n']).whole).toHaveLength(102_400)
    expect(readOf(['x'.repeat(102_401)]).whole).toBeUndefined()
    expect(readOf(['ü'.repeat(60_000)]).whole).toBeUndefined()
    expect(readOf(['x', '\n'.repeat(500_000)]).whole).toBeUndefined()
  })

  it('needs little memory for a lot', () => {
    const chunk = Buffer.from(`${'x'.repeat(65_535)}\n`)
    const reader = outputReader({ secrets: [token] })
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < 3200; n++) reader.push(chunk)
    const { bytes, output } = reader.end()
    expect(bytes).toBe(3200 * 65_536)
    expect(output.length).toBeLessThan(20_000)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)
  })

  it('reads a line of any length', () => {
    const { findings } = readOf(Array.from({ length: 2000 }, () => 'y'.repeat(10_000)))
    expect(findings).toEqual([])
  })

  it('says that an output is binary', () => {
    const { output } = readOf([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0xff, 0xfe, 0, 1, 2, 3])])
    expect(output).toMatch(/^\(What it printed is binary, and no text\.\)\n/)
    expect(output).not.toMatch(/[^\P{Cc}\n\t]/u)
  })

  it('leaves no controls in what is kept', () => {
    expect(readOf(['a\u001b[31mred\u001b[0m\r\n\tb\u0000c']).output).toBe('a[31mred[0m\n\tbc')
  })
})

describe('secrets in an output', () => {
  const encoded = (text: string) => Buffer.from(text).toString('base64')
  const forms: [string, string][] = [
    ['as they are', token],
    ['in a URL', `http://ops:${token}@host:80/api`],
    ['encoded for a URL', encodeURIComponent(token)],
    ['in base64', encoded(token)],
    ['in base64 with one before', encoded(`a${token}bc`)],
    ['in base64 with two before', encoded(`ab${token}c`)],
    ['in the base64 of a URL', encoded(`http://ops:${token}@host:80`)],
    ['in the header of Basic', `Authorization: Basic ${encoded(`ops:${token}`)}`],
    ['in JSON', JSON.stringify({ token })],
    ['in hex', Buffer.from(`http://ops:${token}@host`).toString('hex')],
    ['in capitals', token.toUpperCase()],
    ['turned round', [...`a${token}b`].toReversed().join('')],
  ]

  it.each(forms)('are not seen %s', (_, text) => {
    for (const size of [1, 7, 1000]) {
      const chunks = text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []
      const { output, whole } = readOf(['before ', ...chunks, ' after'], { secrets: [token] })
      expect(output).toMatch(/^before .*\*\*\*.* after$/)
      expect(whole).toBe(output)
      const left = text.replace(/^.*?(?=.{16})/, '')
      for (let at = 0; at + 12 < left.length; at++) {
        const part = Buffer.from(output.match(/[A-Za-z0-9+/]{12,}/)?.[0] ?? '', 'base64').toString('latin1')
        expect(part).not.toContain(token.slice(at, at + 12) || '-')
      }
    }
  })

  it.each([
    ['as base64 breaks them', `${encoded(`http://ops:${token}@host`).replaceAll(/.{76}/g, '$&\n')}`],
    ['as fold breaks them', `http://ops:${token}@host`.replaceAll(/.{20}/g, '$&\r\n')],
    [
      'as od sets bytes apart',
      `\n${Buffer.from(token).toString('hex').replaceAll(/../g, ' $&').replaceAll(/.{48}/g, '$&\n')}`,
    ],
  ])('are not seen over several lines, %s', (_, text) => {
    for (const size of [1, 7, 1000]) {
      const { output } = readOf(text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [], { secrets: [token] })
      expect(output).toContain('***')
      const left = output.replaceAll(/\s/g, '')
      expect(left.length).toBeLessThan(40)
    }
  })

  it('are not seen wherever the output is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(token, 'opsrun_', token.slice(0, 40), token.slice(20), '\n', 'x'), {
          maxLength: 12,
        }),
        fc.array(fc.nat({ max: 300 }), { maxLength: 10 }),
        (parts, cuts) => {
          const text = parts.join('')
          const at = [0, ...cuts.toSorted((a, b) => a - b), text.length]
          const chunks = at.slice(1).map((to, n) => text.slice(at[n], to))
          const { whole } = readOf(chunks, { secrets: [token] })
          expect(whole).toBe(text.replaceAll(token, '***').replace(/\n+$/, ''))
        },
      ),
    )
  })

  it('may hold one another, and signs of an expression', () => {
    expect(readOf(['a.b a+b a.bc axb'], { secrets: ['a.b', 'a.bc', 'a+b', ''] }).output).toBe(
      '*** *** *** axb',
    )
  })

  it('are not in results and findings', () => {
    const { results, findings } = readOf([`OPS_RESULT:a=${token}\nOPS_FINDING:{"a":"${token}"}`], {
      secrets: [token],
    })
    expect({ results, findings }).toEqual({ results: { a: '***' }, findings: [{ data: { a: '***' } }] })
  })
})

describe('what a script says', () => {
  it.each([
    ['OPS_RESULT:a=b', { a: 'b' }],
    ['  OPS_RESULT: a = b c ', { a: 'b c' }],
    ['OPS_RESULT:url:http://x=1', { url: 'http://x=1' }],
    ['OPS_RESULT:a=', { a: '' }],
    ['OPS_RESULT:{"a":"b","c":1,"d":{"e":null}}', { a: 'b', c: '1', d: '{"e":null}' }],
    ['OPS_RESULT:a=1\r\nOPS_RESULT:a=2\r\n', { a: '2' }],
    ['echo OPS_RESULT:a=b', {}],
    ['OPS_RESULT:nothing', {}],
    ['xOPS_RESULT:a=b', {}],
  ])('%j gives results', (text, results) => {
    for (const size of [1, 3, 1000]) {
      expect(readOf(text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [])).toMatchObject({
        results,
        findings: [],
      })
    }
  })

  it('gives findings, or why they cannot be read', () => {
    const { findings } = readOf([
      'OPS_FINDING:{"host":"a","value":1}\nOPS_FINDING:{"host":\nOPS_FINDING:[1]\n\tOPS_FINDING: {"b":"\\u0001"}',
    ])
    expect(findings).toEqual([
      { data: { host: 'a', value: 1 } },
      { problem: 'OPS_FINDING: has to be followed by a JSON object, and was by "{\\"host\\":"' },
      { problem: 'OPS_FINDING: has to be followed by a JSON object, and was by "[1]"' },
      { data: { b: '\u0001' } },
    ])
  })

  it('takes a hundred findings, and counts the rest', () => {
    const { findings } = readOf(['OPS_FINDING:{"a":1}\n'.repeat(150)])
    expect(findings).toHaveLength(101)
    expect(findings.at(-1)).toEqual({
      problem: '50 more findings were printed: a step may have 100, of 1 MiB together',
    })
  })

  it('keeps no more of findings than a mebibyte', () => {
    const large = `OPS_FINDING:${JSON.stringify({ text: 'x'.repeat(200_000) })}\n`
    const { findings } = readOf([large.repeat(8), 'OPS_FINDING:{"a":1}\n'])
    expect(findings.map(finding => 'problem' in finding)).toEqual([...Array(6).fill(false), true])
    expect(findings.at(-1)).toEqual({ problem: expect.stringMatching(/^3 more findings/) })
  })

  it('refuses one of more than 256 KiB, and goes on', () => {
    const long = `OPS_FINDING:{"a":"${'x'.repeat(300_000)}"}`
    const { findings } = readOf([...(long.match(/.{1,50000}/g) ?? []), '\nOPS_FINDING:{"b":1}\n'])
    expect(findings).toEqual([
      { problem: expect.stringMatching(/^A line of more than 262144 bytes/) },
      { data: { b: 1 } },
    ])
  })
})
