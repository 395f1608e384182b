import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

/** What a process prints that logs so at this level. */
function printed(level: string, calls: string): Record<string, unknown>[] {
  const program = `import { logOf } from './shared/log.ts'; const log = logOf('test', '${level}'); ${calls}`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

describe('the log', () => {
  it('prints one object a line: level, time, name, fields and message', () => {
    const lines = printed('info', "log.info({ port: 8080 }, 'Listening'); log.error({}, 'Two\\nlines')")
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(lines).toEqual([
      { level: 'info', time, name: 'test', port: 8080, msg: 'Listening' },
      { level: 'error', time, name: 'test', msg: 'Two\nlines' },
    ])
    expect(Object.keys(lines[0] ?? {})).toEqual(['level', 'time', 'name', 'port', 'msg'])
  })

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('leaves out what is below %s', (level, expected) => {
    const all = ['debug', 'info', 'warn', 'error'].map(one => `log.${one}({}, 'x');`).join('')
    expect(printed(level, all).map(line => line.level)).toEqual(expected)
  })

  it('says of an error what it is and where it comes from', () => {
    const [line] = printed('info', "log.error({ err: new RangeError('Too far') }, 'x')")
    const stack = expect.stringContaining('RangeError: Too far\n    at ')
    expect(line?.err).toEqual({ type: 'RangeError', message: 'Too far', stack })
  })

  it('goes on when nobody reads it any more', () => {
    const program = `import { logOf } from './shared/log.ts'; const log = logOf('test', 'info')
      for (let line = 0; line < 100; line++) { log.info({}, 'x'); await new Promise(setImmediate) }
      console.error('went on')`
    const run = `"$0" --input-type=module -e "$1" | true`
    const { stderr } = spawnSync('sh', ['-c', run, process.execPath, program], { encoding: 'utf8' })
    expect(stderr).toBe('went on\n')
  })
})
