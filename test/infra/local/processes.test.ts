import { expect, test } from 'vitest'
import { processNames } from '../../../infra/build.ts'
import type { Local } from '../../../infra/local/local.ts'
import { environmentOf, processes } from '../../../infra/local/processes.ts'

const local: Local = {
  cluster: 'here',
  nats: 'nats://127.0.0.1:1',
  redis: 'redis://127.0.0.1:2',
  postgres: 'postgres://127.0.0.1:3/ops',
  resourcesDir: '/hooks',
  namespace: 'ops-system',
  token: 't',
  bridgeToken: 'b',
  sealKey: 'k',
  url: name => `http://${name}`,
}
const base = {
  PATH: '/bin',
  HOOK_SEAL_KEY: 'from the user',
  PORT: '8080',
  EVENT_CLUSTER: 'other',
  RESOURCES_DIR: '/of/the/user',
  KUBECONFIG: '/of/the/user',
  DATABASE_URL: 'postgres://of.the.user/ops',
  KUBERNETES_SERVICE_HOST: '10.0.0.1',
}

const environment = (name: string, at = local) => {
  const process = processes.find(row => row.name === name)
  return process ? environmentOf(process, { local: at, port: 9, base }) : {}
}

test('no name stands twice in the table', () => {
  const names = processes.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('every process of ours is among them', () => {
  expect(processes.map(({ name }) => name)).toEqual(expect.arrayContaining(processNames()))
})

test('every process gets the stack and a port of its own', () => {
  for (const { name } of processes) {
    expect(environment(name)).toMatchObject({
      PATH: '/bin',
      EVENT_CLUSTER: 'here',
      EVENT_ENDPOINT: 'nats://127.0.0.1:1',
      REDIS_URL: 'redis://127.0.0.1:2',
      PORT: '9',
    })
  }
})

test('only the watcher and webhook-deliver can open what is sealed', () => {
  const able = processes.map(({ name }) => name).filter(name => environment(name).HOOK_SEAL_KEY !== undefined)
  expect(able).toEqual(['webhook-deliver', 'watcher'])
  expect(environment('watcher').HOOK_SEAL_KEY).toBe('k')
})

test('only who stores and who answers have the database', () => {
  const able = processes.map(({ name }) => name).filter(name => environment(name).DATABASE_URL !== undefined)
  expect(able).toEqual(['event-store', 'ops-api'])
  expect(environment('ops-api').DATABASE_URL).toBe('postgres://127.0.0.1:3/ops')
  const without = { ...local, postgres: undefined }
  expect(environment('event-store', without)).not.toHaveProperty('DATABASE_URL')
  expect(environment('bridge', without)).not.toHaveProperty('EVENT_STORE_URL')
})

test('the watcher looks at the folder, or at the cluster of the stack, and never at the one of the user', () => {
  const variables = { ...environment('watcher'), ...environment('bridge') }
  expect(variables).toMatchObject({ RESOURCES_DIR: '/hooks' })
  expect(variables).not.toHaveProperty('KUBECONFIG')
  expect(variables).not.toHaveProperty('KUBERNETES_SERVICE_HOST')

  const at = { ...local, kubeconfig: '/ours' }
  expect(environment('watcher', at)).toMatchObject({ KUBECONFIG: '/ours' })
  expect(environment('ops-api', at)).toMatchObject({ KUBECONFIG: '/ours' })
  expect(environment('watcher', at)).not.toHaveProperty('RESOURCES_DIR')
  expect(environment('bridge', at)).not.toHaveProperty('KUBECONFIG')
})

test('the watcher keeps its memory small, unless the user wants it otherwise', () => {
  const watcher = processes.find(({ name }) => name === 'watcher')
  const mine = { ...base, NODE_OPTIONS: '--max-old-space-size=500' }
  const options = watcher && environmentOf(watcher, { local, port: 9, base: mine }).NODE_OPTIONS
  expect(options).toMatch(/^--max-old-space-size=\d+ .* --max-old-space-size=500$/)
  expect(environment('watcher').NODE_OPTIONS).toMatch(/^--max-old-space-size=\d+ \S+$/)
  expect(environment('bridge')).not.toHaveProperty('NODE_OPTIONS')
})

test('the bridge knows where its sinks are', () => {
  expect(environment('bridge')).toMatchObject({
    HOOK_EVALUATE_URL: 'http://hook-evaluate',
    WEBHOOK_DELIVER_URL: 'http://webhook-deliver',
    CRON_TASKRUN_URL: 'http://cron-taskrun',
    EVENT_STORE_URL: 'http://event-store',
  })
})

test('runs know where they report to, and are in the cluster of the stack or on this machine', () => {
  expect(environment('cron-taskrun')).toMatchObject({ INGEST_URL: 'http://subject-ingest' })
  expect(environment('cron-taskrun')).not.toHaveProperty('KUBECONFIG')
  expect(environment('cron-taskrun')).not.toHaveProperty('KUBERNETES_SERVICE_HOST')
  expect(environment('cron-taskrun')).not.toHaveProperty('PRIVILEGED_NAMESPACES')
  expect(environment('cron-taskrun', { ...local, kubeconfig: '/ours' })).toMatchObject({
    KUBECONFIG: '/ours',
  })
})
