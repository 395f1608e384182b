import type { Refusal } from '../../../shared/refusal.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Asking } from '../database.ts'

/** The correlation ids of all that belongs to the stories of these, as far as the token sees. */
export type Stories = (
  ids: string[] | undefined,
  asker: { token: Token; now: number },
) => Promise<string[] | undefined | Refusal>

/** Looks them up in the database. */
export const storiesIn =
  (ask: Asking): Stories =>
  async (ids, asker) => {
    if (!ids) return undefined
    const { membersOf } = await import('../correlations/members.ts')
    const found = await ask(db => membersOf(db, ids, asker))
    return 'status' in found ? found : found.ids
  }
