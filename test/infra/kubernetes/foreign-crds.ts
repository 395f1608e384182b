import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { lastLines, runToEnd } from '../../../infra/local/command.ts'

/** Where each module has its CustomResourceDefinitions. */
const folders = {
  'knative.dev/serving': 'config/core/300-resources',
  'knative.dev/eventing': 'config/core/resources',
  'sigs.k8s.io/gateway-api': 'config/crd/standard',
  'github.com/prometheus-operator/prometheus-operator': 'example/prometheus-operator-crd',
}
export type Foreign = keyof typeof folders

const moduleFolder = fileURLToPath(new URL('foreign/', import.meta.url))
const Downloaded = z.object({ Dir: z.string() })

/**
 * The files with the CustomResourceDefinitions of a system that is not ours, as its Go module has them, at the version
 * that foreign/go.mod pins. They lie in Go's own cache, where the first call brings them.
 * @throws Error with what Go said
 */
export async function foreignCrds(module: Foreign): Promise<string[]> {
  const { ok, output } = await runToEnd('go', ['mod', 'download', '-json', `${module}@${pinned(module)}`], {
    cwd: moduleFolder,
    env: { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' },
  })
  if (!ok) throw new Error(`go mod download of ${module} failed: ${lastLines(output, 3)}`)
  const folder = join(Downloaded.parse(JSON.parse(output)).Dir, folders[module])
  return readdirSync(folder)
    .filter(name => name.endsWith('.yaml'))
    .map(name => join(folder, name))
    .filter(path => readFileSync(path, 'utf8').includes('kind: CustomResourceDefinition'))
}

/** All that foreign/go.mod names. */
export const foreign = Object.keys(folders) as Foreign[]

function pinned(module: Foreign): string {
  const line = readFileSync(join(moduleFolder, 'go.mod'), 'utf8')
    .split('\n')
    .find(text => text.trim().startsWith(`${module} v`))
  if (!line) throw new Error(`test/infra/kubernetes/foreign/go.mod does not require "${module}"`)
  return line.trim().split(' ')[1] ?? ''
}
