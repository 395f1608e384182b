import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { crdFiles } from '../../../infra/crds.ts'
import { newSecrets } from '../../../infra/install/make.ts'
import { secretsIn } from '../../../infra/install/secret.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'
import { objectsIn } from '../../manifests.ts'
import { needing } from '../../needing.ts'
import { foreignCrds } from '../kubernetes/foreign-crds.ts'
import { comparable } from './comparable.ts'
import { chart, ownHelm, rendered } from './helm.ts'
import { objectsOf, rows } from './rows.ts'

const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
afterAll(() => rmSync(dir, { recursive: true }))

const fileNames = (path: string) => readdirSync(path).filter(name => name.endsWith('.yaml'))

it('the chart has the custom resources as they are in infra/crds', () => {
  const own = fileNames(join(chart, 'crds'))
  const texts = own.map(name => [name, readFileSync(join(chart, 'crds', name), 'utf8')])
  expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(crdFiles()))
})

needing(['Helm', 'the CRDs of others'], () =>
  describeOnKubernetes('the chart', {}, async ({ kubectl, kubeconfig }) => {
    const helm = await ownHelm(kubeconfig)

    beforeAll(async () => {
      const files = [...(await foreignCrds()), join(chart, 'crds')].flatMap(path => ['-f', path])
      await kubectl(['apply', '--server-side', ...files])
      await kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
      for (const namespace of ['ops-runs', 'openfaas-fn', 'elsewhere'])
        await kubectl(['create', 'namespace', namespace])
    })

    describe.each(Object.entries(rows))('for %s', (_, row) => {
      it('has the objects of the manifests', async () => {
        const manifests = comparable(await objectsOf(row, dir))
        expect(comparable(objectsIn(await rendered(helm, row.values)))).toEqual(manifests)
      })

      it('is taken by an API server as it is, in any namespace', async () => {
        const yaml = await rendered(helm, row.values, 'elsewhere')
        const strictly = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-']
        const taken = (await kubectl(strictly, yaml)).trim().split('\n')
        expect(taken).toHaveLength(objectsIn(yaml).length)
        expect(yaml).not.toContain('namespace: ops-system')
      })
    })

    describe('with secrets.create', () => {
      const namespace = 'ops-system'
      const release = ['ops', '--namespace', namespace]
      const values = ['--set', 'platform=kubernetes,runs.create=false,secrets.create=true']
      const done = async (args: string[]) =>
        expect(await helm(args)).toEqual({ ok: true, output: expect.any(String) })
      const secrets = async () =>
        secretsIn(
          await kubectl([
            ...['get', 'secrets', '-n', namespace, '-o', 'json', '--selector'],
            'app.kubernetes.io/part-of=ops-events',
          ]),
        )
      // What is drawn differs each time.
      const drawn = (text: string) =>
        text.replaceAll(/[0-9a-f]{64}/g, 'digest').replaceAll(/[\w+/-]{43}=?/g, 'drawn')

      beforeAll(
        () => done(['install', ...release, chart, '--create-namespace', '--skip-crds', ...values]),
        60_000,
      )

      it('makes those that `npm run ops -- secrets make` makes', async () => {
        const places = {
          nats: 'nats.ops-system.svc:4222',
          redis: 'ops-redis.ops-system.svc:6379',
          postgres: 'ops-postgres-rw.ops-system.svc:5432',
          namespace,
          functions: namespace,
        }
        const wanted = newSecrets(places, encoding => 'A'.repeat(43) + (encoding === 'base64' ? '=' : ''))
        const read = (list: typeof wanted) =>
          Object.fromEntries(
            list.map(({ name, type = 'Opaque', data }) => [name, { type, data: plain(data) }]),
          )
        expect(read(await secrets())).toEqual(read(wanted))
      })

      it('leaves them alone whatever becomes of the release, and makes one that is missing fit the others', async () => {
        const before = await secrets()
        await kubectl(['delete', 'secret', '-n', namespace, 'hook-evaluate'])
        await done(['upgrade', ...release, chart, ...values, '--set', 'logLevel=debug'])
        expect(await secrets()).toEqual(before)
        await done(['rollback', 'ops', '1', '--namespace', namespace])
        await done(['uninstall', ...release])
        expect(await secrets()).toEqual(before)
      }, 60_000)

      it('is refused where nobody asks the cluster', async () => {
        const { ok, output } = await helm(['template', chart, ...values])
        expect(ok).toBe(false)
        expect(output).toContain('make the Secrets with `npm run ops -- secrets make`')
      })

      function plain(data: Record<string, string>): Record<string, unknown> {
        const read = (name: string, text: string) =>
          name.endsWith('.yaml') ? parse(text) : text.trim().split('\n').sort()
        return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, read(name, drawn(text))]))
      }
    })
  }),
)
