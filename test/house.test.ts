import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// The shape of the house. Who needs another one changes the rule here, with its reason, and not the code around it.

/** What may stand at the top. */
const topNames = [
  ...['functions', 'shared', 'knative', 'infra', 'test'],
  ...['README.md', 'README.zh-CN.md', 'LICENSE', 'CHANGELOG.md'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'biome.json', 'vitest.config.ts'],
]

/** Beside doors, shared/adapters and shared/host.ts: who may import what touches the world, and what for. */
const exceptions: Record<string, string> = {
  'functions/bridge/consumers.ts': 'keeps a durable consumer for each trigger',
  'functions/bridge/lag.ts': 'asks how far behind the consumers are',
  'functions/bridge/leaf-reader.ts': 'goes through the stream for what leaf clusters lost',
  'functions/bridge/leaves.ts': 'asks how far leaf clusters are',
  'functions/bridge/ledger/open.ts': 'keeps the ledger in NATS',
  'functions/bridge/run.ts': 'opens what one trigger needs, however many there are',
  'functions/bridge/trigger.ts': 'pulls for one trigger',
  'functions/cron-taskrun/open.ts': 'opens what an order needs, with the first one that does',
  'functions/cron-taskrun/local/leash.ts': 'starts what ends the steps when we are gone',
  'functions/cron-taskrun/local/leftovers.ts': 'finds and kills what steps left behind',
  'functions/cron-taskrun/local/lookup.ts': 'looks for interpreters',
  'functions/cron-taskrun/local/pipe.ts': 'reads what steps print',
  'functions/cron-taskrun/local/process.ts': 'runs steps',
  'functions/cron-taskrun/local/room.ts': 'keeps the scripts of steps',
  'functions/cron-taskrun/ssh/connect.ts': 'speaks SSH',
  'functions/cron-taskrun/ssh/key-file.ts': 'reads the key that a Host names',
  'functions/event-store/open.ts': 'opens the database with the first batch',
  'functions/ops-api/cluster.ts': 'opens the cluster with the first question, where there is one',
  'functions/ops-api/database.ts': 'opens the database with the first question',
  'functions/ops-api/objects.ts': 'opens what holds the objects with the first question',
  'functions/watcher/events/cluster.ts': 'opens the cluster, where there is one',
  'functions/watcher/events/file.ts': 'reads the file that says what is watched',
  'functions/watcher/events/variables.ts': 'reads the kubeconfig that a variable names',
  'functions/watcher/events/watch.ts': 'remembers in NATS how far it is',
  'functions/watcher/files.ts': 'reads the folder of hooks',
  'functions/watcher/folder.ts': 'is told by the system that something moved in it',
  'functions/watcher/leaf.ts': 'is the door where a cluster is only watched',
  'functions/watcher/resources/cluster.ts': 'opens the cluster, where there is one',
  'functions/watcher/resources/follow.ts': 'takes part in the lease of whoever writes to the cluster',
  'functions/watcher/runs/follow.ts': 'remembers in NATS until when runs were ordered',
  'functions/watcher/runs/kv.ts': 'follows the objects in NATS, where there is no cluster',
  'functions/watcher/whole.ts': 'is the door where hooks are',
  'shared/config.ts': 'reads the files that variables name',
}

/** Errors of adapters, by which their callers tell what happened. */
const caught = ['PublishError', 'NoAnswer', 'KubernetesError']

const worldly =
  /^(node:(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster)(\/|$)|undici$|ioredis$|pg$|ssh2$|@nats-io\/)/
const alwaysOn = ['watcher', 'bridge']
const doorLines = 45

type File = { path: string; text: string }
type Import = { line: number; names: string[]; to: string }
type Rule = (files: File[]) => string[]

const isDoor = (path: string) => /^functions\/[^/]+\/index\.ts$/.test(path)
const isOurs = (path: string) => /^(functions|shared)\/.*\.ts$/.test(path)
const functionOf = (path: string) => /^functions\/([^/]+)\//.exec(path)?.[1]
const lineAt = (text: string, offset: number) => text.slice(0, offset).split('\n').length

/** What a file imports and by which names, types left out; our own files by their path from the top. */
function importsOf({ path, text }: File): Import[] {
  const statements = text.matchAll(/^(?:import|export)\b([^'`;=]*?)'([^']+)'|\bimport\('([^']+)'\)/gm)
  return [...statements].map(({ 1: clause, 2: stated, 3: called, index }) => {
    const to = stated ?? called ?? ''
    const target = to.startsWith('.') ? normalize(join(dirname(path), to)) : to
    return { line: lineAt(text, index), names: clause === undefined ? ['*'] : namesIn(clause), to: target }
  })
}

// ` type { A } from ` -> nothing, ` { type A, b as c } from ` -> b, ` ` -> the whole module for its effect
function namesIn(clause: string): string[] {
  if (/^\s+type\b/.test(clause)) return []
  const listed = /\{([^}]*)\}/.exec(clause)?.[1]
  if (listed === undefined) return ['*']
  const names = listed.split(',').map(name => name.trim())
  return names.filter(name => name !== '' && !name.startsWith('type '))
}

const broken = (files: File[], judge: (file: File, made: Import) => string | undefined): string[] =>
  files.flatMap(file =>
    importsOf(file).flatMap(made => {
      const problem = judge(file, made)
      return problem ? [`${file.path}:${made.line} imports "${made.to}": ${problem}`] : []
    }),
  )

const linesLike = (files: File[], pattern: RegExp, problem: string): string[] =>
  files.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(({ index }) => `${path}:${lineAt(text, index)} ${problem}`),
  )

const sharedStandsAlone: Rule = files =>
  broken(files, ({ path }, { to }) =>
    path.startsWith('shared/') && to.startsWith('functions/') ? 'shared/ knows no function' : undefined,
  )

const functionsAreApart: Rule = files =>
  broken(files, ({ path }, { to }) => {
    const [own, other] = [functionOf(path), functionOf(to)]
    return own && other && own !== other
      ? `no function imports another: move what both need to shared/`
      : undefined
  })

const productStandsAlone: Rule = files =>
  broken(files, ({ path }, { to }) =>
    isOurs(path) && /^(infra|test)\//.test(to) ? 'only infra/ and test/ import from there' : undefined,
  )

const onlyDoorsTouchTheWorld: Rule = files =>
  broken(
    files.filter(({ path }) => isOurs(path) && !mayTouch(path)),
    (_, { to, names }) => {
      const touches = worldly.test(to) || to.startsWith('shared/adapters/')
      if (!touches || names.every(name => caught.includes(name))) return undefined
      return 'only doors, shared/adapters/, shared/host.ts and the exceptions of the house test touch the world: hand it in'
    },
  )

const mayTouch = (path: string) =>
  isDoor(path) || path.startsWith('shared/adapters/') || path === 'shared/host.ts' || path in exceptions

const onlyDoorsReadTheEnvironment: Rule = files =>
  linesLike(
    files.filter(({ path }) => isOurs(path) && !isDoor(path) && path !== 'shared/config.ts'),
    /\bprocess\.env\b/g,
    'reads process.env: only doors do, through shared/config.ts',
  )

const noDefaults: Rule = files =>
  linesLike(
    files.filter(({ path }) => !path.endsWith('.config.ts')),
    /^export default\b/gm,
    'has a default export: give it a name',
  )

const noBarrels: Rule = files =>
  linesLike(
    files,
    /^export (type )?(\*|\{[^}]*\}) from\b/gm,
    'hands on what another file exports: import it from there',
  )

const doorsAreThin: Rule = files =>
  files
    .filter(({ path }) => isDoor(path))
    .flatMap(({ path, text }) => {
      const lines = text
        .replace(/^import [^']*'[^']+'$/gm, '')
        .split('\n')
        .filter(line => /\S/.test(line)).length
      return lines > doorLines
        ? [`${path} has ${lines} lines below its imports: a door has at most ${doorLines}`]
        : []
    })

const doorsAreThere: Rule = files => {
  const names = new Set(files.flatMap(({ path }) => functionOf(path) ?? []))
  return [...names].flatMap(name => {
    const door = files.find(({ path }) => path === `functions/${name}/index.ts`)
    if (!door) return [`functions/${name} has no index.ts: each process has one door`]
    if (alwaysOn.includes(name) || door.text.includes(`http('${name}'`)) return []
    return [
      `functions/${name}/index.ts does not register http('${name}', …): it would not run under functions-framework`,
    ]
  })
}

const nothingIsDead: Rule = files => {
  const byPath = new Map(files.map(file => [file.path, file]))
  const reached = new Set<string>()
  const visit = (path: string) => {
    const file = byPath.get(path)
    if (!file || reached.has(path)) return
    reached.add(path)
    for (const { to } of importsOf(file)) visit(to)
  }
  for (const { path } of files) if (isDoor(path)) visit(path)
  const dead = files.filter(({ path }) => isOurs(path) && !reached.has(path))
  return dead.map(({ path }) => `${path} is imported by no door, nor by what a door imports: it does nothing`)
}

const functionsAreTested: Rule = files => {
  const names = new Set(files.flatMap(({ path }) => functionOf(path) ?? []))
  return [...names]
    .filter(
      name =>
        !files.some(({ path }) => path.startsWith(`test/functions/${name}/`) && path.endsWith('.test.ts')),
    )
    .map(name => `functions/${name} has no test in test/functions/${name}/`)
}

const rules = {
  'shared/ imports no function': sharedStandsAlone,
  'no function imports another': functionsAreApart,
  'neither imports infra/ or test/': productStandsAlone,
  'only doors touch the world': onlyDoorsTouchTheWorld,
  'only doors read the environment': onlyDoorsReadTheEnvironment,
  'nothing is exported without a name': noDefaults,
  'nothing is exported for another file': noBarrels,
  'a door is thin': doorsAreThin,
  'each function has a door that registers it': doorsAreThere,
  'each file is reached from a door': nothingIsDead,
  'each function has tests': functionsAreTested,
} satisfies Record<string, Rule>

const root = fileURLToPath(new URL('..', import.meta.url))

// Made on each machine anew, and ignored by git.
const ownToMachine = /^(\..*|node_modules|dist|build|template|.*\.log)$/

describe('the house', () => {
  const files = globSync('{functions,shared,infra,test}/**/*.ts', { cwd: root }).map(path => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }))

  it('has at its top what belongs there', () => {
    const strange = readdirSync(root).filter(name => !ownToMachine.test(name) && !topNames.includes(name))
    expect(strange, `at the top may stand ${topNames.join(', ')}`).toEqual([])
  })

  it('has no exception for a file that is gone', () => {
    expect(Object.keys(exceptions).filter(path => !files.some(file => file.path === path))).toEqual([])
  })

  it.each(Object.entries(rules))('%s', (_, rule) => {
    expect(rule(files)).toEqual([])
  })
})

// [the rule, a house that breaks it, where and how]
const houses: [keyof typeof rules, Record<string, string>, RegExp][] = [
  [
    'shared/ imports no function',
    { 'shared/a.ts': "\nimport type { B } from '../functions/x/b.ts'" },
    /^shared\/a\.ts:2 imports "functions\/x\/b\.ts"/,
  ],
  [
    'no function imports another',
    { 'functions/x/a.ts': "import { b } from '../y/b.ts'" },
    /^functions\/x\/a\.ts:1 imports "functions\/y\/b\.ts"/,
  ],
  [
    'neither imports infra/ or test/',
    { 'shared/a.ts': "await import('../infra/b.ts')" },
    /imports "infra\/b\.ts"/,
  ],
  [
    'only doors touch the world',
    { 'functions/x/a.ts': "import {\n  readFile,\n} from 'node:fs/promises'" },
    /a\.ts:1 imports "node:fs\/promises"/,
  ],
  [
    'only doors touch the world',
    { 'functions/x/a.ts': "import { openNats } from '../../shared/adapters/nats.ts'" },
    /touch the world/,
  ],
  ['only doors touch the world', { 'shared/a.ts': "import 'undici'" }, /imports "undici"/],
  [
    'only doors read the environment',
    { 'shared/a.ts': 'const a = 1\nconst b = process.env.B' },
    /^shared\/a\.ts:2 /,
  ],
  ['nothing is exported without a name', { 'infra/a.ts': 'export default 1' }, /^infra\/a\.ts:1 /],
  ['nothing is exported for another file', { 'shared/a.ts': "export * from './b.ts'" }, /^shared\/a\.ts:1 /],
  ['a door is thin', { 'functions/x/index.ts': 'run()\n'.repeat(doorLines + 1) }, /has \d+ lines/],
  ['each function has a door that registers it', { 'functions/x/a.ts': '' }, /no index\.ts/],
  ['each function has a door that registers it', { 'functions/x/index.ts': "http('y', run)" }, /http\('x'/],
  [
    'each file is reached from a door',
    { 'functions/x/index.ts': "import './a.ts'", 'functions/x/a.ts': '', 'shared/b.ts': '' },
    /^shared\/b\.ts /,
  ],
  ['each function has tests', { 'functions/x/index.ts': '' }, /test\/functions\/x\//],
]

describe('a rule of the house', () => {
  it.each(houses)('"%s" sees it broken', (name, house, said) => {
    const files = Object.entries(house).map(([path, text]) => ({ path, text }))
    expect(rules[name](files)).toEqual([expect.stringMatching(said)])
  })

  it('lets a door touch the world, and anybody speak of types and catch errors', () => {
    const files = [
      { path: 'functions/x/index.ts', text: "import { openNats } from '../../shared/adapters/nats.ts'" },
      { path: 'functions/x/a.ts', text: "import type { Nats } from '../../shared/adapters/nats.ts'" },
      { path: 'shared/b.ts', text: "import { NoAnswer, type Sender } from './adapters/http.ts'" },
    ]
    expect(onlyDoorsTouchTheWorld(files)).toEqual([])
  })
})
