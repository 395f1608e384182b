import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processNames } from '../../infra/build.ts'
import { writeApps } from '../../infra/images/apps.ts'
import { craneCommands } from '../../infra/images/crane.ts'
import { targetsOf } from '../../infra/images/dockerfile.ts'
import { layerOf } from '../../infra/images/layer.ts'
import packageJson from '../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))
const alwaysOn = ['watcher', 'bridge']
const text = readFileSync(join(root, 'infra/images/Dockerfile'), 'utf8')
const targets = targetsOf(text)
const functions = processNames().filter(name => !alwaysOn.includes(name))
const label = (name: string) => `org.opencontainers.image.${name}`

describe('the Dockerfile', () => {
  it('has a target for each process, and one with the watchdog for each function', () => {
    const apart = [...targets.keys()].filter(name => !['build', 'base', 'watchdog'].includes(name))
    expect(apart.sort()).toEqual([...processNames(), ...functions.map(name => `${name}-openfaas`)].sort())
  })

  it.each(
    [...targets.keys()].filter(
      name => functions.includes(name.replace('-openfaas', '')) || alwaysOn.includes(name),
    ),
  )('%s has its process, runs it without rights, and says what it is', name => {
    const process = name.replace('-openfaas', '')
    const { base, env, labels, said, steps } = targets.get(name) ?? {}
    expect(base).toMatch(/^gcr\.io\/distroless\/nodejs24-.*:nonroot$/)
    expect(said).toMatchObject({
      USER: '65532:65532',
      WORKDIR: '/app',
      EXPOSE: '8080',
      STOPSIGNAL: 'SIGTERM',
    })
    expect(said?.ENTRYPOINT).toBe(
      name === process ? '["/nodejs/bin/node", "/app/index.js"]' : '["/usr/bin/fwatchdog"]',
    )
    expect(env).toMatchObject({ NODE_ENV: 'production', NODE_COMPILE_CACHE: '/app/.cache' })
    expect(labels).toMatchObject({ [label('title')]: process, [label('version')]: packageJson.version })
    expect(steps?.[0]).toBe(`COPY --from=build --chown=65532:65532 /apps/${process} /app`)
    expect(steps?.[1]).toMatch(
      /^RUN .*\["\/nodejs\/bin\/node", "\/tmp\/warm.ts", "\/app", "\/app\/.cache"\]$/,
    )
  })

  it('gives the watcher as much memory as npm start does', async () => {
    const { processes } = await import('../../infra/local/processes.ts')
    const node = processes.find(({ name }) => name === 'watcher')?.node
    expect(targets.get('watcher')?.env.NODE_OPTIONS).toBe(node)
  })

  it('takes other bases, another version and revision', () => {
    const other = targetsOf(text, { RUNTIME: 'r.example.com/node@sha256:1', VERSION: '9', REVISION: 'abc' })
    expect(other.get('bridge')).toMatchObject({
      base: 'r.example.com/node@sha256:1',
      labels: { [label('version')]: '9', [label('revision')]: 'abc' },
    })
  })

  it('copies nothing that .dockerignore keeps away', () => {
    const kept = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
    const copied = [...text.matchAll(/^COPY (?!--)(.*) \S+$/gm)].flatMap(([, from = '']) => from.split(' '))
    expect(copied.filter(name => !kept.includes(`!${name}`))).toEqual([])
  })
})

describe('what is in an image', () => {
  let dir = ''
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ops-events-images-'))
    await writeApps(dir)
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))
  const bill = (name: string) => JSON.parse(readFileSync(join(dir, name, 'sbom.cdx.json'), 'utf8'))
  const packages = (name: string): string[] => bill(name).components.map(({ name }: { name: string }) => name)

  it('is the bundle, the notices and the bill of its materials, and no source map', () => {
    for (const name of processNames()) {
      const files = readdirSync(join(dir, name))
      expect(files).toEqual(expect.arrayContaining(['index.js', 'package.json', 'sbom.cdx.json']))
      expect(files.filter(file => file.endsWith('.map'))).toEqual([])
    }
  })

  it('is told by the bill, which has what the one process uses and not what others do', () => {
    expect(bill('bridge').metadata.component).toMatchObject({ name: 'bridge', version: packageJson.version })
    expect(packages('hook-evaluate')).toEqual(
      expect.arrayContaining(['re2js', 'ioredis', '@nats-io/jetstream']),
    )
    expect(packages('subject-ingest')).not.toContain('ioredis')
    expect(packages('cron-taskrun')).toContain('ssh2')
    for (const name of processNames()) expect(packages(name)).not.toContain('typescript')
  })

  it('names each package as registries and scanners do, with its licence and digest', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[
      'node_modules/@nats-io/kv'
    ]
    const kv = bill('bridge').components.find(({ name }: { name: string }) => name === '@nats-io/kv')
    expect(kv).toMatchObject({
      purl: `pkg:npm/%40nats-io/kv@${lock.version}`,
      licenses: [{ expression: 'Apache-2.0' }],
    })
    const [{ alg, content }] = kv.hashes
    expect(`${alg.replace('SHA-', 'sha')}-${Buffer.from(content, 'hex').toString('base64')}`).toBe(
      lock.integrity,
    )
  })

  it('is one of the same bytes each time it is built', async () => {
    const again = await mkdtemp(join(tmpdir(), 'ops-events-images-'))
    await writeApps(again)
    const [one, other] = await Promise.all([dir, again].map(at => layerOf(join(at, 'bridge'), 'app')))
    await rm(again, { recursive: true })
    expect(other?.equals(one ?? Buffer.alloc(0))).toBe(true)
  })
})

describe('layerOf()', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-layer-'))
  afterAll(() => rm(dir, { recursive: true, force: true }))
  await mkdir(join(dir, 'b'))
  await writeFile(join(dir, 'b', 'c.txt'), 'c'.repeat(1000))
  await writeFile(join(dir, 'a'), '', { mode: 0o755 })

  it('is a tar that others can read, with everything for our user', async () => {
    const listed = execFileSync('tar', ['-tv', '--numeric-owner', '-f', '-'], {
      input: await layerOf(dir, 'app'),
      env: { ...process.env, TZ: 'UTC' },
      encoding: 'utf8',
    })
    expect(
      listed
        .trim()
        .split('\n')
        .map(line => line.replace(/\s+/g, ' ')),
    ).toEqual([
      '-rwxr-xr-x 65532/65532 0 1970-01-01 00:00 app/a',
      'drwxr-xr-x 65532/65532 0 1970-01-01 00:00 app/b/',
      '-rw-r--r-- 65532/65532 1000 1970-01-01 00:00 app/b/c.txt',
    ])
  })

  it('is the same whenever the files were written', async () => {
    const before = await layerOf(dir, 'app')
    await utimes(join(dir, 'a'), 1, 1)
    expect((await layerOf(dir, 'app')).equals(before)).toBe(true)
  })
})

describe('craneCommands()', () => {
  it('puts the layers on the base, and says of the image what the Dockerfile does', () => {
    const target = targetsOf(text, { RUNTIME: 'base' }).get('watcher')
    if (!target) throw new Error('There is no target "watcher"')
    const about = { layers: ['a.tar', 'b.tar'], image: 'r/watcher:1', common: ['--insecure'] }
    const [append, mutate = []] = craneCommands(target, about)
    expect(append).toEqual([
      'append',
      '--insecure',
      '-b',
      'base',
      '-f',
      'a.tar',
      '-f',
      'b.tar',
      '-t',
      'r/watcher:1',
    ])
    const given = (flag: string) => mutate.flatMap((word, at) => (mutate[at - 1] === flag ? [word] : []))
    expect(given('--user')).toEqual(['65532:65532'])
    expect(given('--entrypoint')).toEqual(['/nodejs/bin/node,/app/index.js'])
    expect(given('--env')).toEqual([
      ...['NODE_ENV=production', 'NODE_COMPILE_CACHE=/app/.cache', `NODE_OPTIONS=${target.env.NODE_OPTIONS}`],
      'MALLOC_ARENA_MAX=2',
    ])
    expect(given('--label')).toContain(`${label('version')}=${packageJson.version}`)
  })
})
