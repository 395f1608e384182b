import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { accessIn, accessOf } from '../../../shared/adapters/kubeconfig.ts'

const dir = mkdtempSync(join(tmpdir(), 'ops-events-kubeconfig-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const base64 = (text: string) => Buffer.from(text).toString('base64')
let files = 0

function write(text: string, name = `file-${files++}`): string {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}

/** A kubeconfig with one cluster and one user. */
const config = (user: object, cluster: object = {}) =>
  stringify({
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://one.example:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  })
const open = (user: object, cluster?: object) => accessOf({ KUBECONFIG: write(config(user, cluster)) })

describe('accessOf()', () => {
  it('reads server, authority and token', async () => {
    const access = open({ token: 't' }, { 'certificate-authority-data': base64('CA') })
    expect(access).toMatchObject({ server: 'https://one.example:6443', tls: { ca: 'CA' } })
    expect(await access.credentials()).toEqual({ authorization: 'Bearer t' })
  })

  it('reads certificates, given or named from where the file stands', async () => {
    write('CERT', 'cert.pem')
    write('AUTHORITY', 'ca.pem')
    const access = open(
      { 'client-certificate': 'cert.pem', 'client-key-data': base64('KEY') },
      { 'certificate-authority': 'ca.pem', 'tls-server-name': 'other' },
    )
    expect(access.tls).toEqual({ ca: 'AUTHORITY', servername: 'other' })
    expect(await access.credentials()).toEqual({ cert: 'CERT', key: 'KEY' })
  })

  it('reads a token file again each time, since tokens rotate', async () => {
    write('one\n', 'token')
    const access = open({ tokenFile: 'token' })
    expect(await access.credentials()).toEqual({ authorization: 'Bearer one' })
    write('two\n', 'token')
    expect(await access.credentials()).toEqual({ authorization: 'Bearer two' })
  })

  it('takes name and password', async () => {
    const access = open({ username: 'a', password: 'b' }, { 'insecure-skip-tls-verify': true })
    expect(await access.credentials()).toEqual({ authorization: `Basic ${base64('a:b')}` })
    expect(access.tls).toEqual({ rejectUnauthorized: false })
  })

  it('asks a program for credentials, and again when they have expired', async () => {
    const answer = (token: string, expires: string) =>
      JSON.stringify({ status: { token: `${token}-$GREETING`, expirationTimestamp: expires } })
    const program = write(
      `#!/bin/sh\necho x >>"${dir}/calls"\ncat <<E\n${answer('t$(wc -l <$CALLS)', '2000-01-01T00:00:00Z')}\nE\n`,
    )
    chmodSync(program, 0o755)
    const access = open({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: program,
        env: [
          { name: 'GREETING', value: 'hi there' },
          { name: 'CALLS', value: join(dir, 'calls') },
        ],
      },
    })
    expect(await access.credentials()).toEqual({ authorization: 'Bearer t1-hi there' })
    expect(await access.credentials()).toEqual({ authorization: 'Bearer t2-hi there' })
  })

  it('takes from several files what the first of them names', () => {
    const first = write(stringify({ users: [{ name: 'u', user: { token: 'first' } }] }))
    const second = write(config({ token: 'second' }))
    const access = accessOf({ KUBECONFIG: [first, '/not/there', second].join(delimiter) })
    expect(access.server).toBe('https://one.example:6443')
    return expect(access.credentials()).resolves.toEqual({ authorization: 'Bearer first' })
  })

  it('is the cluster that it runs in where there is no kubeconfig', async () => {
    write('CA', 'ca.crt')
    write('mounted', 'token')
    const access = accessOf({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }, dir)
    expect(access).toMatchObject({ server: 'https://[fd00::1]:6443', tls: { ca: 'CA' } })
    expect(await access.credentials()).toEqual({ authorization: 'Bearer mounted' })
  })

  it.each([
    ['a file that is not there', () => '/not/there', /"\/not\/there"/],
    ['a context that is not there', () => write('current-context: x'), /context "x"/],
    ['a server that is no URL', () => write(config({}, { server: 'x' })), /cluster "c": server: /],
    [
      'a proxy',
      () => write(config({}, { 'proxy-url': 'http://p' })),
      /cluster "c": proxy-url: a proxy is not supported/,
    ],
  ])('says what is wrong with %s', (_, path, problem) => {
    expect(() => accessOf({ KUBECONFIG: path() })).toThrow(problem)
  })
})

describe('accessIn()', () => {
  it('reads a kubeconfig that was handed over', async () => {
    const access = accessIn(
      config(
        { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
        { 'tls-server-name': 'x' },
      ),
    )
    expect(access).toMatchObject({ server: 'https://one.example:6443', tls: { servername: 'x' } })
    expect(await access.credentials()).toEqual({ cert: 'CERT', key: 'KEY' })
  })

  it.each([
    [{ tokenFile: 'token' }, {}, /its user has "tokenFile"/],
    [{ token: 't', exec: { apiVersion: 'v1', command: 'id' } }, {}, /its user has "exec"/],
    [{ token: 't', 'client-key': 'key.pem' }, {}, /its user has "client-key"/],
    [{ token: 't' }, { 'certificate-authority': 'ca.pem' }, /its cluster has "certificate-authority"/],
  ])('refuses what it takes from this machine: %j %j', (user, cluster, problem) => {
    expect(() => accessIn(config(user, cluster))).toThrow(problem)
  })

  it('does not repeat what it cannot read', () => {
    expect(() => accessIn('token: "c4nary\n\t- x: [')).toThrow(/^((?!c4nary).)*is not YAML at line \d+$/)
  })
})
