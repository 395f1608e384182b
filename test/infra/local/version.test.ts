import { describe, expect, test } from 'vitest'
import { packagesToInstall } from '../../../infra/local/programs/debian.ts'
import { atLeast, versionIn } from '../../../infra/local/programs/version.ts'

describe('versionIn()', () => {
  test.each([
    ['nats-server: v2.15.2', '2.15.2'],
    ['nats-server: v2.9.10\n', '2.9.10'],
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', '7.0.15'],
    ['Valkey server v=8.1.1 sha=1.2.3', '8.1.1'],
    ['version.BuildInfo{Version:"v4.3.1", GitCommit:"", GoVersion:"go1.26.8"}', '4.3.1'],
    ['command not found', undefined],
  ])('reads %j as %s', (text, version) => {
    expect(versionIn(text)).toBe(version)
  })
})

describe('atLeast()', () => {
  test.each([
    ['2.10.0', '2.10.0', true],
    ['2.15.2', '2.10.0', true],
    ['2.9.10', '2.10.0', false],
    ['3.0.0', '2.15.2', true],
    ['2.9.10', '2.9.9', true],
  ])('%s against %s is %s', (has, wants, answer) => {
    expect(atLeast(has, wants)).toBe(answer)
  })
})

test('packagesToInstall() takes the names that apt would install and no others', () => {
  const plan = [
    'Reading package lists...',
    'The following NEW packages will be installed:',
    '  libjemalloc2 liblzf1 redis-server redis-tools',
    'Inst libjemalloc2 (5.3.0-1 Debian:12.5/stable [amd64])',
    'Inst liblzf1 [3.5] (3.6-3 Debian:12.5/stable [amd64])',
    'Conf libjemalloc2 (5.3.0-1 Debian:12.5/stable [amd64])',
  ].join('\n')
  expect(packagesToInstall(plan)).toEqual(['libjemalloc2', 'liblzf1'])
})
