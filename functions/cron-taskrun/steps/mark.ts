import type { Stored } from '../../../shared/objects.ts'

/** What every process of a run has in its environment, by which it is found wherever it went: a name and a value. */
export type Mark = { name: 'OPS_EVENTS_RUN'; value: string }

/** The mark of a run; nothing in it means anything to a shell or a pattern. */
export const markOf = ({ metadata: { uid } }: Stored<'TaskRun'>): Mark => ({
  name: 'OPS_EVENTS_RUN',
  value: uid.replace(/[^A-Za-z0-9-]/g, '_'),
})
