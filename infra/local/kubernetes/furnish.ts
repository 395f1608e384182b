import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { documentReader, type Found } from '../../../functions/watcher/documents.ts'
import { readSource, stampsBelow } from '../../../functions/watcher/files.ts'
import { judge } from '../../../functions/watcher/judge.ts'
import { isObjectKind, objectKinds } from '../../../functions/watcher/objects/kinds.ts'
import { refusalOf, unreadable } from '../../../functions/watcher/refusal.ts'
import { sentence } from '../../../functions/watcher/report.ts'
import { apply, type Kubectl, makeNodes } from './kubectl.ts'

const crds = fileURLToPath(new URL('../../crds', import.meta.url))
const example = fileURLToPath(new URL('example.yaml', import.meta.url))

/** The cluster to furnish; `say` is told what could not be done, and the rest is. */
export type Furnish = { kubectl: Kubectl; signal: AbortSignal; say(line: string): void }

/** What of an object kubectl needs to tell it from others. */
const Named = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})

/** Makes the kinds of ours known, and `namespace`; then creates or changes every object that the files of `folder` hold. */
export async function applyFolder(
  world: Furnish,
  { folder, namespace }: { folder: string; namespace: string },
): Promise<void> {
  const { kubectl, say } = world
  const objects = objectsIn(folder, say).sort((a, b) => placeOf(a) - placeOf(b))
  const namespaces = new Set([namespace, ...objects.flatMap(({ metadata }) => metadata.namespace ?? [])])
  const own = [...namespaces].map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  await attempt(world, () => kubectl([...serverSide, '-f', crds, '-f', '-'], list(own)))
  await attempt(world, () => kubectl(['wait', '--for=condition=Established', '--timeout=30s', '-f', crds]))
  if (objects.length === 0) return
  say(`Applying the objects of ${folder} to the cluster; from now on change them there, or start again`)
  await attempt(world, () => kubectl([...serverSide, '-f', '-'], list(objects)))
}

/** Makes nodes and lets pods run on them, some of which crash: something that there are events of. */
export async function makeWork(world: Furnish): Promise<void> {
  await attempt(world, () => makeNodes(world, 3))
  await attempt(world, async () => apply(world, await readFile(example, 'utf8')))
}

// As whoever starts wants it, also where somebody has changed it in the cluster since.
const serverSide = ['apply', '--server-side', '--force-conflicts']

// kubectl reads YAML by its older rules, in which a text such as "yes" has to stand in quotes.
const list = (items: object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

/** A run is looked at as soon as it is there: what it runs has to be there before. */
const placeOf = ({ kind }: { kind: string }) => (isObjectKind(kind) ? objectKinds.indexOf(kind) : -1)

function objectsIn(folder: string, say: (line: string) => void): z.infer<typeof Named>[] {
  const refuse = (why: string): [] => {
    say(`Not applied to the cluster: ${why}`)
    return []
  }
  return foundIn(folder).flatMap(one => {
    if ('problem' in one) return refuse(sentence(unreadable(one)))
    // kubectl would take none of them where one has a field that there is none of, and not say of which file it is.
    const judged = judge(one)
    if (judged.kind === 'refused') return refuse(sentence(refusalOf(one, judged)))
    const object = Named.safeParse(one.value).data
    return object ? [object] : refuse(`${one.file}, document ${one.document}: it has no metadata.name`)
  })
}

/** As the watcher reads a folder, so that the same files count. */
function foundIn(folder: string): Found[] {
  try {
    return documentReader()([...stampsBelow(folder).keys()].sort().map(path => readSource(folder, path)))
  } catch (error) {
    return [{ file: folder, problem: error instanceof Error ? error.message : String(error) }]
  }
}

async function attempt({ signal, say }: Furnish, act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (signal.aborted) return
    const message = error instanceof Error ? error.message : String(error)
    // kubectl lists what is wrong with one object on lines of their own. The first line is its command.
    const lines = message
      .trim()
      .replace(/\s*\n\* /g, ' ')
      .split('\n')
    for (const line of lines.length > 1 ? lines.slice(1) : lines) say(`Not applied to the cluster: ${line}`)
  }
}
