import type { Endpoints } from '../local/endpoints.ts'
import { Trouble, unreachable } from './client.ts'

/**
 * Where ops-api is, and a token of it: as the environment says, else those of the stack that runs here. Its token goes to
 * nobody else. @throws Trouble
 */
export function whereaboutsOf(
  { OPS_API, OPS_TOKEN }: NodeJS.ProcessEnv,
  local: Pick<Endpoints, 'api' | 'token'> | undefined,
): { url: string; token: string } {
  const url = OPS_API || local?.api
  const token = OPS_TOKEN || (OPS_API ? undefined : local?.token)
  if (!url)
    throw new Trouble(
      unreachable,
      'Nothing runs here: set OPS_API to the URL of ops-api, or "npm start" first',
    )
  if (!token) throw new Trouble(unreachable, 'OPS_TOKEN is missing: set it to a token of that ops-api')
  return { url: url.replace(/\/+$/, ''), token }
}
