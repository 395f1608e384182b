import { bounded } from '../../../shared/bounded.ts'
import type { KubeEvent } from '../events/occurrence.ts'
import type { Known, Ref } from './known.ts'

/**
 * What events themselves say of objects: whoever makes one tells so. In a rollout this answers what the API server would
 * be asked about each single pod.
 */
export type Hearsay = {
  hear(event: KubeEvent, now: number): void
  /** Of an object by its uid: what was heard of one of that name is taken for the first uid that asks. */
  of(ref: Ref, now: number): Known | undefined
}

type Maker = { kinds: string[]; reason: string; words: RegExp; made: { apiVersion: string; kind: string } }

const pod = { apiVersion: 'v1', kind: 'Pod' }

/** The words of Kubernetes' own controllers. In front of them stands, after ten, that several are told as one. */
const makers: Maker[] = [
  {
    kinds: ['ReplicaSet', 'DaemonSet', 'Job'],
    reason: 'SuccessfulCreate',
    words: /(?:^|: )Created pod: (\S+)$/,
    made: pod,
  },
  {
    kinds: ['StatefulSet'],
    reason: 'SuccessfulCreate',
    words: /(?:^|: )create Pod (\S+) in StatefulSet \S+ successful$/,
    made: pod,
  },
  {
    kinds: ['CronJob'],
    reason: 'SuccessfulCreate',
    words: /(?:^|: )Created job (\S+)$/,
    made: { apiVersion: 'batch/v1', kind: 'Job' },
  },
  {
    kinds: ['Deployment'],
    reason: 'ScalingReplicaSet',
    words: /(?:^|: )Scaled up replica set (\S+) (?:from|to) /,
    made: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  },
]
const assigned = /^Successfully assigned \S+ to (\S+)$/
/** After so long it is better to look. */
const lasts = 600_000

type Heard = { owner?: Ref; node?: string; uid: string; at: number }

/** Remembers what was heard of at most `most` objects. */
export function hearsayOf(most: number): Hearsay {
  const heard = bounded<Heard>(most)
  const nameOf = ({ apiVersion, kind, namespace, name }: Omit<Ref, 'uid'>) =>
    `${apiVersion} ${kind} ${namespace} ${name}`

  return {
    hear({ regarding, reason, note }, now) {
      const { apiVersion, kind, name, uid, namespace } = regarding ?? {}
      if (!apiVersion || !kind || !name || !uid || !namespace || !reason || !note) return
      if (kind === 'Pod' && reason === 'Scheduled') {
        const node = assigned.exec(note)?.[1]
        const key = nameOf({ apiVersion, kind, namespace, name })
        const before = heard.get(key)
        const same = before && (before.uid === '' || before.uid === uid) ? before : undefined
        if (node) heard.set(key, { ...same, node, uid, at: now })
        return
      }
      const maker = makers.find(one => one.reason === reason && one.kinds.includes(kind))
      const child = maker?.words.exec(note)?.[1]
      if (!maker || !child) return
      const key = nameOf({ ...maker.made, namespace, name: child })
      const owner = { apiVersion, kind, namespace, name, uid }
      const before = heard.get(key)
      // The scheduler may have spoken of the pod before its maker did.
      const same = before && !before.owner ? before : undefined
      heard.set(key, { uid: '', ...same, owner, at: now })
    },
    of(ref, now) {
      const one = ref.uid === '' ? undefined : heard.get(nameOf(ref))
      if (!one?.owner || now - one.at > lasts || (one.uid !== '' && one.uid !== ref.uid)) return undefined
      one.uid = ref.uid
      return { uid: ref.uid, owner: one.owner, ...(one.node && { node: one.node }), heard: true }
    },
  }
}
