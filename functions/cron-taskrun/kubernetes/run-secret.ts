import { z } from 'zod'
import type { Work } from '../executor.ts'
import { filesData } from './files.ts'
import { annotations, labelsOf, ownerOf, secretName } from './names.ts'

/** Keys of a run's Secret beside its files. */
export const keys = { endpoint: 'endpoint', secrets: 'secrets' } as const

/** The Secret of a run: its scripts, its token, and what may be seen in no output. It is made when all Jobs are. */
export const runSecret = (work: Work) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: secretName(work.run),
    namespace: work.run.metadata.namespace,
    labels: labelsOf(work.run),
    annotations: { [annotations.places]: String(work.at.length) },
    ownerReferences: [ownerOf(work.run)],
  },
  stringData: {
    ...filesData(work),
    [keys.endpoint]: work.endpoint,
    [keys.secrets]: JSON.stringify(work.secrets),
  },
})

const base64 = z.string().transform(text => Buffer.from(text, 'base64').toString('utf8'))
const Read = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
  data: z.object({ [keys.endpoint]: base64.default(''), [keys.secrets]: base64.default('[]') }).default({
    endpoint: '',
    secrets: '[]',
  }),
})

/**
 * What a run's Secret tells about it: how many Jobs were made, what is to be masked as long as it has not been emptied,
 * and why it was stopped if it was.
 */
export type Told = { places: number; secrets: string[] | undefined; stopped: string | undefined }

/** Reads a run's Secret, as the API server has it. */
export function readRunSecret(object: unknown): Told {
  const { metadata, data } = Read.parse(object)
  const listed = z.array(z.string()).catch([]).parse(jsonOr(data.secrets))
  const all = [data.endpoint, passwordIn(data.endpoint), ...listed].filter(secret => secret !== '')
  return {
    places: Number(metadata.annotations[annotations.places]) || 1,
    secrets: data.endpoint === '' ? undefined : all,
    stopped: metadata.annotations[annotations.stopped],
  }
}

const passwordIn = (endpoint: string): string =>
  URL.canParse(endpoint) ? decodeURIComponent(new URL(endpoint).password) : ''

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
