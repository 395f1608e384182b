import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { leafSecrets } from '../../../infra/install/leaf.ts'
import { listed, secretOf, secretsIn, written } from '../../../infra/install/secret.ts'
import { allProcesses, installed, type Variable } from '../../../infra/install/secrets.ts'
import { rightsFiles } from '../../../infra/install/write.ts'
import { passwordsIn } from '../../../infra/nats/files.ts'
import { run } from '../../../infra/ops/run.ts'
import { parseTokens } from '../../../shared/tokens.ts'
import { someSecrets } from '../rights/servers.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const variables: Variable[] = ['EVENT_ENDPOINT', 'REDIS_URL', 'DATABASE_URL', 'BRIDGE_TOKEN', 'HOOK_SEAL_KEY']

it.each(allProcesses)('gives %s what its door asks for, and no more', name => {
  const door = globSync(`functions/${name}/**/*.ts`, { cwd: root })
    .map(path => readFileSync(root + path, 'utf8'))
    .join()
  const asked = variables.filter(variable => new RegExp(`\\b${variable}\\b`).test(door))
  expect(asked.toSorted()).toEqual([...installed[name].secret].toSorted())
  expect(door.includes('SERVER_TOKENS_FILE')).toBe('callers' in installed[name])
})

it('has an entry for every process', () => {
  const doors = globSync('functions/*/index.ts', { cwd: root }).map(path => path.split('/')[1])
  expect(doors.toSorted()).toEqual(allProcesses.toSorted())
})

it.each(Object.entries(rightsFiles()))('has %s as the tables say', (path, text) => {
  expect(readFileSync(`${root}infra/${path}`, 'utf8')).toBe(text)
})

it('tells no two of them the same secret but what they share', () => {
  const texts = someSecrets().flatMap(({ name, data }) =>
    installedNames.includes(name) ? Object.values(data).map(value => passwordIn(value)) : [],
  )
  const shared = texts.filter((text, index) => texts.indexOf(text) !== index)
  const { BRIDGE_TOKEN, HOOK_SEAL_KEY } = secretOf(someSecrets(), 'webhook-deliver').data
  expect(new Set(shared)).toEqual(new Set([BRIDGE_TOKEN, HOOK_SEAL_KEY]))
})

it('writes them for kubectl, without asking ops-api, and reads what kubectl prints of them', async () => {
  const lines: string[] = []
  const print = (text: string) => void lines.push(text)
  const given = ['secrets', 'make', '--namespace', 'n', '--nats', 'bus:1', '--for', 'openfaas']
  await run(given, { env: {}, local: undefined, now: 0, print, warn: print })
  const made = parseAllDocuments(lines.join('\n')).map(document => document.toJS())
  const [watcher, , ingest] = made
  expect(watcher.metadata).toMatchObject({ name: 'ops-watcher', namespace: 'n' })
  expect(watcher.stringData.EVENT_ENDPOINT).toMatch(/^nats:\/\/watcher:[\w-]{43}@bus:1$/)
  expect(ingest.metadata).toMatchObject({ name: 'subject-ingest', namespace: 'openfaas-fn' })
  const [tokens] = made.filter(({ metadata }) => metadata.name === 'ops-server-tokens')
  expect(parseTokens(tokens.stringData['tokens.yaml']).map(({ name }) => name)).toEqual(['admin', 'notices'])
})

it('writes the same as JSON for programs', () => {
  const { items, ...list } = JSON.parse(listed(someSecrets()))
  expect(list).toEqual({ apiVersion: 'v1', kind: 'List' })
  expect(items).toEqual(parseAllDocuments(written(someSecrets())).map(document => document.toJS()))
})

it('gives a leaf cluster its watcher and its NATS, and of the main one the password of the link alone', () => {
  const place = { cluster: 'edge1', namespace: 'n', nats: 'bus:1', main: 'nats.example.org:7422' }
  const [nats, watcher, ...more] = leafSecrets(someSecrets(), place, () => 'drawn')
  expect(more).toEqual([])
  const { leaf } = passwordsIn(secretOf(someSecrets(), 'ops-nats-users').data['passwords.conf'] ?? '')
  expect(nats?.data['leaf-own.conf']).toBe(`leaf_cluster: "edge1"
main_url: "tls://leaf:${leaf}@nats.example.org:7422"
password_watcher: "drawn"
password_watcher_2: "drawn"
password_admin: "drawn"
password_operator: "drawn"
`)
  const data = { EVENT_ENDPOINT: 'nats://watcher:drawn@bus:1' }
  expect(watcher).toEqual({ name: 'ops-watcher', namespace: 'n', data })
})

it('comes back from kubectl as it went there', () => {
  const secrets = someSecrets()
  const items = parseAllDocuments(written(secrets)).map(document => {
    const { stringData, ...rest } = document.toJS()
    const coded = Object.entries<string>(stringData).map(([key, text]) => [
      key,
      Buffer.from(text).toString('base64'),
    ])
    return { ...rest, data: Object.fromEntries(coded) }
  })
  const read = secrets.map(secret => ({ type: 'Opaque', ...secret }))
  const printed = `${JSON.stringify({ items }, null, 4)}\n`
  expect(secretsIn(printed)).toEqual(read)
  expect(secretsIn(printed + printed)).toEqual([...read, ...read])
})

const installedNames: string[] = Object.values(installed).map(({ workload }) => workload)
const passwordIn = (value: string) => URL.parse(value)?.password || value
