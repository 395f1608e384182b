import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { asComment, foot, head } from '../../infra/one-file.ts'

const fileOf = (program: string) => asComment(head + program + foot)

describe('asComment()', () => {
  it('hides from Node what would end the comment, and moves nothing', () => {
    const program = `(() => [/a*/.source, '*/*'])`
    const file = fileOf(program)
    expect(file).toHaveLength((head + program + foot).length)
    expect(file.split('\n*/}')[0]).not.toContain('*/')
    expect(() => runInThisContext(`() => {${file}}`)).not.toThrow()
  })

  it('refuses a program that could not be read back', () => {
    expect(() => fileOf(`'*\u007f'`)).toThrow('A program cannot have "*\\u007f" in it')
  })

  it('gives another name to the cache of another program', () => {
    const named = (program: string) => /program-(\w+)/.exec(fileOf(program))?.[1]
    expect(named('1')).toMatch(/^[0-9a-f]{12}$/)
    expect(named('1')).not.toBe(named('2'))
  })
})
