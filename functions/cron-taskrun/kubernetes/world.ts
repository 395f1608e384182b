import type { Kubernetes } from '../../../shared/adapters/kubernetes.ts'

/** What the steps in a cluster get, as whoever operates it decides. */
export type Allowed = {
  /** The namespaces whose Tasks may run on the nodes themselves and mount their paths. */
  privilegedNamespaces: string[]
  /** The image of steps that name none. */
  image: string
  /** Their service account (`RUN_SERVICE_ACCOUNT`); without one no token of any is mounted. */
  serviceAccount?: string | undefined
  /** The user id that steps run as, and never root; without one the image says who. */
  user?: number | undefined
  /** Of each step, as a container has them. */
  resources?: Resources | undefined
}

type Quantities = { cpu?: string; memory?: string }
/** What a container asks for, and the most that it gets. */
export type Resources = { requests: Quantities; limits: Quantities }

/** Enough for a check or a repair, and not so much that a hundred of them crowd a cluster. */
export const modest: Resources = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { cpu: '1', memory: '512Mi' },
}

/** The hands on the cluster, and what is allowed there. */
export type ClusterWorld = Pick<Kubernetes, 'json' | 'stream'> & Allowed & { now(): Date }

/** The `json` of a cluster. */
export type Ask = Kubernetes['json']
