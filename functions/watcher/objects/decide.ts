import { isDeepStrictEqual } from 'node:util'
import type { Kept } from '../../../shared/adapters/objects/applying.ts'
import { RunStatus } from '../../../shared/resources/run.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { marks, type Wanted } from './wanted.ts'

/** What there is to do about an object that the folder wants, and why nothing. */
export type Decision =
  | { do: 'make' }
  /** It goes, and a new one takes its place. */
  | { do: 'replace' }
  | { do: 'change' }
  | { do: 'nothing'; because: 'same' | 'taken' }

/** Compares what the folder wants with what lies there under the name. */
export function decide({ object, uid, once }: Wanted, there: Kept | undefined): Decision {
  if (!there) return { do: 'make' }
  const { metadata, spec } = there.whole
  if (!isFromFolder(there)) return { do: 'nothing', because: 'taken' }
  if (metadata.uid !== uid) return { do: 'replace' }
  const { labels = {}, annotations = {} } = object.metadata
  const isLike =
    isDeepStrictEqual(object.spec, spec) &&
    isDeepStrictEqual(labels, metadata.labels) &&
    isDeepStrictEqual(annotations, metadata.annotations)
  // All that its uid leaves open is from which file it is, which can wait until nobody else writes to it.
  const canWait = once && !isOver(there)
  return isLike || canWait ? { do: 'nothing', because: 'same' } : { do: 'change' }
}

/** Was it put there because a folder says so? What such a one owns was not. */
export const isFromFolder = ({ whole: { metadata } }: Kept): boolean =>
  metadata.annotations[marks.from] === 'folder' && metadata.ownerReferences.length === 0

const isOver = ({ whole: { status } }: Kept) =>
  hasEnded({ runStatus: RunStatus.safeParse(status.runStatus).data })
