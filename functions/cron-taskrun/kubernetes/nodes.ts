import { z } from 'zod'
import type { Ask } from './world.ts'

/** A node of the cluster. `schedulable`: it has not been cordoned. */
export type Node = { name: string; labels: Record<string, string>; ready: boolean; schedulable: boolean }

// A node weighs some 20 kB, most of it images. As rows of a table only names, labels and states come.
const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'

const Table = z.object({
  metadata: z.object({ continue: z.string().optional() }).default({}),
  columnDefinitions: z.array(z.object({ name: z.string() })),
  rows: z
    .array(
      z.object({
        cells: z.array(z.unknown()),
        object: z.object({
          metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
        }),
      }),
    )
    .nullish()
    .transform(rows => rows ?? []),
})

/** The nodes of a cluster, those with these labels if there is a selector, in order of their names. */
export async function readNodes(json: Ask, labelSelector?: string): Promise<Node[]> {
  const nodes: Node[] = []
  let next: string | undefined
  let columns: string[] = []
  do {
    const query = { limit: 500, continue: next, labelSelector, includeObject: 'Metadata' }
    const table = Table.parse(await json({ path: '/api/v1/nodes', query, accept }))
    // Later pages leave the columns out.
    if (table.columnDefinitions.length > 0) columns = table.columnDefinitions.map(({ name }) => name)
    for (const { cells, object } of table.rows) {
      const states = String(cells[columns.indexOf('Status')]).split(',')
      nodes.push({
        ...object.metadata,
        ready: states.includes('Ready'),
        schedulable: !states.includes('SchedulingDisabled'),
      })
    }
    next = table.metadata.continue || undefined
  } while (next !== undefined)
  return nodes
}

/** Does a node of this name exist? */
export async function hasNode(json: Ask, name: string): Promise<boolean> {
  const query = { fieldSelector: `metadata.name=${name}`, includeObject: 'Metadata' }
  return Table.parse(await json({ path: '/api/v1/nodes', query, accept })).rows.length > 0
}
