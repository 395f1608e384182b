import { expect, test } from 'vitest'
import { readable } from '../../../infra/local/logline.ts'
import { printer } from '../../../infra/local/printer.ts'

test.each([
  [
    'a line of pino',
    '{"level":30,"time":1767225600000,"pid":1,"hostname":"h","name":"bridge","msg":"ready","port":8080}',
    '00:00:00.000 info  ready port=8080',
  ],
  ['a level in words', '{"level":"warn","msg":"late","by":"2 s"}', 'warn  late by="2 s"'],
  ['an object', '{"level":50,"msg":"failed","err":{"message":"no"}}', 'error failed err={"message":"no"}'],
  ['other JSON', '{"a":1}', '{"a":1}'],
  ['what only begins like JSON', '{ not json', '{ not json'],
  ['plain text', 'Listening', 'Listening'],
])('readable() of %s', (_, line, text) => {
  expect(readable(line)).toBe(text)
})

test('the printer puts every line under its name, and colours only a terminal', () => {
  const written: string[] = []
  const out = (isTTY: boolean) => ({ isTTY, write: (text: string) => written.push(text) })
  printer(out(false), ['bridge', 'watcher'])('bridge', 'up')
  printer(out(true), ['bridge', 'watcher'])('watcher', 'up')
  expect(written).toEqual(['bridge  | up\n', '\x1b[33mwatcher |\x1b[0m up\n'])
})
