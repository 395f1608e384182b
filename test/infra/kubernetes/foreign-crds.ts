import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { lastLines, runToEnd } from '../../../infra/local/command.ts'
import { executables } from '../../../infra/local/programs/find.ts'
import { moduleFolders, pinned } from '../../../infra/local/programs/module.ts'

const own = fileURLToPath(new URL('foreign/', import.meta.url))

/** Which CustomResourceDefinitions our manifests need, where each module has them, and where the go.mod is that pins it. */
const places = [
  {
    ...{ module: 'knative.dev/serving', pinnedIn: moduleFolders.knative },
    ...{ folder: 'config/core/300-resources', files: ['service'] },
  },
  {
    ...{ module: 'knative.dev/eventing', pinnedIn: moduleFolders.knative },
    ...{ folder: 'config/core/resources', files: ['broker', 'trigger'] },
  },
  {
    ...{ module: 'sigs.k8s.io/gateway-api', pinnedIn: own },
    ...{ folder: 'config/crd/standard', files: ['gateway.networking.k8s.io_httproutes'] },
  },
  {
    ...{ module: 'github.com/prometheus-operator/prometheus-operator', pinnedIn: own },
    folder: 'example/prometheus-operator-crd',
    files: ['podmonitors', 'servicemonitors', 'prometheusrules'].map(name => `monitoring.coreos.com_${name}`),
  },
]

const Downloaded = z.object({ Dir: z.string() })

/**
 * The files with the CustomResourceDefinitions of systems that are not ours, as their Go modules have them. These lie in
 * Go's own cache, where the first call brings them.
 * @throws Error with what Go said
 */
export async function foreignCrds(): Promise<string[]> {
  const [go] = executables('go')
  if (!go)
    throw new Error('Cannot get the CRDs of others: there is no "go" on the PATH to download them with')
  return (await Promise.all(places.map(place => filesOf(place, go)))).flat()
}

async function filesOf(
  { module, pinnedIn, folder, files }: (typeof places)[number],
  go: string,
): Promise<string[]> {
  const wanted = `${module}@v${pinned(module, pinnedIn)}`
  const { ok, output } = await runToEnd(go, ['mod', 'download', '-json', wanted], {
    cwd: pinnedIn,
    env: { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' },
  })
  if (!ok) throw new Error(`Cannot download ${wanted}: ${lastLines(output, 3)}`)
  const { Dir } = Downloaded.parse(JSON.parse(output))
  return files.map(name => join(Dir, folder, `${name}.yaml`))
}
