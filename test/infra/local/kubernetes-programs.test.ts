import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { whyNoControlPlane } from '../../../infra/local/programs/controlplane.ts'
import { linkerFlags } from '../../../infra/local/programs/gomodule.ts'
import { kubernetesVersion, moduleFolders, pinned, sources } from '../../../infra/local/programs/module.ts'

const top = mkdtempSync(join(tmpdir(), 'ops-events-'))
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(top, { recursive: true }))

test('pinned() reads the versions of go.mod, and every source has one', () => {
  for (const { module, pinnedIn } of sources) expect(pinned(module, pinnedIn)).toMatch(/^\d+\.\d+\.\d+(-|$)/)
  expect(() => pinned('example.com/none')).toThrow('does not require "example.com/none"')
})

test.each(Object.entries(moduleFolders))(
  'what is built for %s is what go.mod names as its tools',
  (_, folder) => {
    const tools = readFileSync(join(folder, 'go.mod'), 'utf8').matchAll(/^(?:tool |\t)([^\s(]+)$/gm)
    const ours = sources.filter(({ pinnedIn }) => pinnedIn === folder)
    const built = ours.flatMap(({ packages }) => Object.values(packages))
    expect([...tools].map(([, tool]) => tool).sort()).toEqual(built.sort())
  },
)

test('the staging modules of Kubernetes are those of its own version', () => {
  const replaced = readFileSync(join(moduleFolders.controlPlane, 'go.mod'), 'utf8').matchAll(
    /=> k8s\.io\/\S+ v(\S+)/g,
  )
  const versions = new Set([...replaced].map(([, version]) => version))
  expect(versions).toEqual(new Set([kubernetesVersion.replace(/^1\./, '0.')]))
})

test('what is built knows its version', () => {
  expect(linkerFlags('1.36.3')).toContain('-X k8s.io/component-base/version.gitVersion=v1.36.3 ')
  expect(linkerFlags('1.36.3')).toContain('-X k8s.io/component-base/version.gitMinor=36 ')
})

test("without Go, assets or a cache there is a reason, and none with envtest's assets for an API server", () => {
  vi.stubEnv('OPS_EVENTS_CACHE', join(top, 'nothing'))
  vi.stubEnv('KUBEBUILDER_ASSETS', '')
  expect(whyNoControlPlane({ go: [] })).toMatch(
    'no "go" on the PATH to build etcd, kubernetes with; install Go',
  )
  expect(whyNoControlPlane({ go: ['/usr/bin/go'] })).toBeUndefined()
  for (const binary of ['etcd', 'kube-apiserver', 'kubectl']) {
    writeFileSync(join(top, binary), '', { mode: 0o755 })
  }
  vi.stubEnv('KUBEBUILDER_ASSETS', top)
  expect(whyNoControlPlane({ go: [] })).toBeUndefined()
  expect(whyNoControlPlane({ go: [], controllers: true })).toMatch('to build kubernetes, kwok with')
})
