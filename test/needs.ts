import { provideKnative } from '../infra/local/programs/knative.ts'
import { provideWatchdog } from '../infra/local/programs/openfaas.ts'
import { provide } from '../infra/local/provide.ts'
import { foreignCrds } from './infra/kubernetes/foreign-crds.ts'

/** What some tests need and a machine may be unable to have: each is found, or made, once before all tests. */
export const needs = {
  Helm: () => provide('helm'),
  'Knative Serving': () => provideKnative('serving'),
  'Knative Eventing': () => provideKnative('eventing'),
  'of-watchdog': () => provideWatchdog(),
  'the CRDs of others': foreignCrds,
} satisfies Record<string, () => Promise<unknown>>

/** One of them, by its name. */
export type Need = keyof typeof needs
