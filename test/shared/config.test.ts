import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { configuration, flag, integer, secret, variables } from '../../shared/config.ts'

/** What a process says and how it ends that reads the configuration of `shape`, TypeScript, with `env`. */
function started(shape: string, env: Record<string, string>) {
  const config = new URL('../../shared/config.ts', import.meta.url)
  const program = `import { configuration, flag, integer, secret, variables } from '${config}'
    console.log(JSON.stringify(configuration(${shape})))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('configuration()', () => {
  it('reads what is set and fills in what is not', () => {
    const shape = { PORT: integer(0, 65_535).default(8080), DEBUG: flag.default(false), NAME: z.string() }
    expect(configuration(shape, { env: { NAME: 'x', DEBUG: 'true', PORT: '' } })).toEqual({
      PORT: 8080,
      DEBUG: true,
      NAME: 'x',
    })
  })

  it('says every missing and wrong name at once, and exits with 1', () => {
    const { status, stderr, stdout } = started(
      '{ EVENT_CLUSTER: variables.EVENT_CLUSTER, EVENT_ENDPOINT: variables.EVENT_ENDPOINT, PORT: variables.PORT, BRIDGE_TOKEN: secret }, { oneOf: ["A", "B"] }',
      { EVENT_CLUSTER: '', PORT: '70000', BRIDGE_TOKEN: 'short' },
    )
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.split('\n')).toEqual([
      'Cannot start, the environment lacks what is needed:',
      '  EVENT_CLUSTER: it is missing',
      '  EVENT_ENDPOINT: it is missing',
      '  PORT: it has to be a whole number from 0 to 65535',
      '  BRIDGE_TOKEN: it has to have at least 16 characters',
      '  A or B: one of them is needed',
      '',
    ])
  })

  it('is content with one of several that will do', () => {
    const shape = { A: secret.optional(), B: secret.optional() }
    const env = { B: '0123456789abcdef' }
    expect(configuration(shape, { oneOf: ['A', 'B'], env })).toEqual(env)
  })

  it.each([
    ['TLS_CERT_FILE', 'TLS_KEY_FILE'],
    ['TLS_KEY_FILE', 'TLS_CERT_FILE'],
  ])('wants with %s its other half, %s', (one, other) => {
    const shape = '{ TLS_CERT_FILE: secret.optional(), TLS_KEY_FILE: secret.optional() }'
    const { status, stderr } = started(shape, { [one]: '0123456789abcdef' })
    expect(status).toBe(1)
    expect(stderr).toContain(`  ${other}: it is missing, and ${one} is set\n`)
  })

  it.each([
    ['nats://', 'it has to be nats://host:4222, several separated by commas'],
    ['nats://h:99999', 'it has to be nats://host:4222, several separated by commas'],
    ['nats://s3cret@h:4222,', 'it has to be nats://host:4222, several separated by commas'],
    ['ws://s3cret@h', 'it has to be nats://host:4222, several separated by commas'],
    ['a b', 'it has to be nats://host:4222, several separated by commas'],
    ['nats://u:s3cret%@h', 'a "%" in user or password has to be written as %25'],
  ])('says of the endpoint "%s" that %s', (EVENT_ENDPOINT, problem) => {
    const { status, stderr } = started('{ EVENT_ENDPOINT: variables.EVENT_ENDPOINT }', { EVENT_ENDPOINT })
    expect(status).toBe(1)
    expect(stderr).toBe(`Cannot start, the environment lacks what is needed:\n  EVENT_ENDPOINT: ${problem}\n`)
  })

  it.each(['h', 'h:4222', 'nats://u:p%25@a:1, tls://b', 'http://user:pass@h:4222', '[::1]:4222'])(
    'takes the endpoint "%s"',
    EVENT_ENDPOINT => {
      const { EVENT_ENDPOINT: shape } = variables
      expect(configuration({ EVENT_ENDPOINT: shape }, { env: { EVENT_ENDPOINT } })).toEqual({
        EVENT_ENDPOINT,
      })
    },
  )
})

describe('a variable given as a file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const fileWith = (name: string, text: string) => {
    const file = join(dir, name)
    writeFileSync(file, text)
    return file
  }

  it.each(['0123456789abcdef', '0123456789abcdef\n', '0123456789abcdef\r\n'])('is read from %j', text => {
    const env = { BRIDGE_TOKEN_FILE: fileWith('token', text) }
    expect(configuration({ BRIDGE_TOKEN: secret }, { env })).toEqual({ BRIDGE_TOKEN: '0123456789abcdef' })
  })

  it('keeps all but the last line end', () => {
    const env = { TEXT_FILE: fileWith('text', ' a\nb \n\n') }
    expect(configuration({ TEXT: z.string() }, { env })).toEqual({ TEXT: ' a\nb \n' })
  })

  it('will do as one of several', () => {
    const shape = { A: secret.optional(), B: secret.optional() }
    const env = { B_FILE: fileWith('b', '0123456789abcdef') }
    expect(configuration(shape, { oneOf: ['A', 'B'], env })).toEqual({ B: '0123456789abcdef' })
  })

  it('is no longer one where the variable itself is called so', () => {
    const shape = { TOKENS: z.string().optional(), TOKENS_FILE: z.string() }
    const env = { TOKENS_FILE: fileWith('tokens', 'a') }
    expect(configuration(shape, { env })).toEqual(env)
  })

  it('that is empty counts as missing, one that is wrong is said under its own name', () => {
    const { status, stderr } = started('{ BRIDGE_TOKEN: variables.BRIDGE_TOKEN, PORT: variables.PORT }', {
      BRIDGE_TOKEN_FILE: fileWith('empty', '\n'),
      PORT_FILE: fileWith('port', '70000'),
    })
    expect(status).toBe(1)
    expect(stderr).toContain('  BRIDGE_TOKEN: it is missing\n')
    expect(stderr).toContain('  PORT: it has to be a whole number from 0 to 65535\n')
  })

  it('that is not there, or stands beside the variable, is said, and nothing else about it', () => {
    const { status, stderr } = started('{ A: secret, B: secret.optional() }, { oneOf: ["A", "B"] }', {
      A_FILE: join(dir, 'none'),
      B: '0123456789abcdef',
      B_FILE: fileWith('b', '0123456789abcdef'),
    })
    expect(status).toBe(1)
    expect(stderr.split('\n')).toEqual([
      'Cannot start, the environment lacks what is needed:',
      `  A_FILE: ENOENT: no such file or directory, open '${join(dir, 'none')}'`,
      '  B and B_FILE: only one of them may be set',
      '',
    ])
  })
})
