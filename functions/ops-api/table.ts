import type { ServerResponse } from 'node:http'
import { answer } from '../../shared/host.ts'
import { type World as Correlations, correlationRoutes } from './correlations/routes.ts'
import type { World as DeadLetters } from './deadletters/replayer.ts'
import { deadLetterRoutes } from './deadletters/routes.ts'
import { type World as Events, eventRoutes } from './events/routes.ts'
import { type World as Hooks, hookRoutes } from './hooks.ts'
import { type World as HostKeys, hostKeyRoutes } from './host-keys.ts'
import { patternRoutes } from './patterns/routes.ts'
import type { Route } from './route.ts'
import { type World as Runs, runRoutes } from './runs/routes.ts'
import { type World as Silences, silenceRoutes } from './silences/routes.ts'

/** What all routes need. */
export type Worlds = {
  events: Events & Correlations
  deadLetters: DeadLetters
  silences: Silences
  runs: Runs
  hostKeys: HostKeys
  hooks: Hooks
}

/** Everything that can be asked for, with the document that says so. */
export function tableOf({ events, deadLetters, silences, runs, hostKeys, hooks }: Worlds): Route[] {
  const table: Route[] = [
    ...eventRoutes(events),
    ...correlationRoutes(events),
    ...patternRoutes(events),
    ...deadLetterRoutes(deadLetters),
    ...silenceRoutes(silences),
    ...runRoutes(runs),
    ...hostKeyRoutes(hostKeys),
    ...hookRoutes(hooks),
    {
      method: 'GET',
      path: '/api/v1/openapi.json',
      right: 'read',
      summary: 'This document',
      forms: ['application/json'],
      busless: true,
      answer: async () => {
        const { openApiOf } = await import('./openapi.ts')
        return json(openApiOf(table))
      },
    },
  ]
  return table
}

const json = (document: object) => ({
  async write(to: ServerResponse) {
    answer(to, 200, JSON.stringify(document))
  },
})
