import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { processNames } from '../../../infra/build.ts'
import { imagesOf, targetsOf } from '../../../infra/images/dockerfile.ts'
import { functionNames } from '../../../infra/install/secrets.ts'
import { processes } from '../../../infra/local/processes.ts'
import packageJson from '../../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../../..', import.meta.url))
const text = readFileSync(join(root, 'infra/images/Dockerfile'), 'utf8')
const images = imagesOf(targetsOf(text))
const label = (name: string) => `org.opencontainers.image.${name}`

describe('the Dockerfile', () => {
  it('has a target for each process, and one with the watchdog for each function', () => {
    const wanted = [...processNames(), ...functionNames.map(name => `${name}-openfaas`)]
    expect([...images.keys()].sort()).toEqual(wanted.sort())
  })

  it.each([...images])('%s has its process, runs it without rights, and says what it is', (name, image) => {
    const process = name.replace('-openfaas', '')
    const { base, env, labels, said, steps } = image
    expect(base).toMatch(/^gcr\.io\/distroless\/nodejs24-.*:nonroot$/)
    expect(said).toMatchObject({
      USER: '65532:65532',
      WORKDIR: '/app',
      EXPOSE: '8080',
      STOPSIGNAL: 'SIGTERM',
    })
    expect(said.ENTRYPOINT).toBe(
      name === process ? '["/nodejs/bin/node", "/app/index.js"]' : '["/usr/bin/fwatchdog"]',
    )
    expect(env).toMatchObject({ NODE_ENV: 'production', NODE_COMPILE_CACHE: '/app/.cache' })
    expect(labels).toMatchObject({ [label('title')]: process, [label('version')]: packageJson.version })
    expect(steps[0]).toBe(`COPY --from=build --chown=65532:65532 /apps/${process} /app`)
    expect(steps[1]).toMatch(
      /^RUN .*\["\/nodejs\/bin\/node", "\/src\/infra\/warm.ts", "\/app", "\/app\/.cache"\]$/,
    )
  })

  it('gives the watcher as much memory as npm start does', () => {
    const node = processes.find(({ name }) => name === 'watcher')?.node
    expect(images.get('watcher')?.env.NODE_OPTIONS).toBe(node)
  })

  it('takes other bases, another version and revision', () => {
    const other = targetsOf(text, { RUNTIME: 'r.example.com/node@sha256:1', VERSION: '9', REVISION: 'abc' })
    expect(other.get('bridge')).toMatchObject({
      base: 'r.example.com/node@sha256:1',
      labels: { [label('version')]: '9', [label('revision')]: 'abc' },
    })
  })

  it.each(['from base', 'ENV A=1', 'FROM base\nRUN <<END\nhello\nEND'])('is refused with %j', wrong => {
    expect(() => targetsOf(wrong)).toThrow('Cannot read the Dockerfile: "')
  })

  it('copies nothing that .dockerignore keeps away', () => {
    const kept = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
    const copied = [...text.matchAll(/^COPY (?!--)(.*) \S+$/gm)].flatMap(([, from = '']) => from.split(' '))
    expect(copied.filter(name => !kept.includes(`!${name}`))).toEqual([])
  })
})
