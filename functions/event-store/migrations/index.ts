import type { Migration } from 'kysely/migration'
import { events } from './events.ts'
import { links } from './links.ts'
import { patterns } from './patterns.ts'

/**
 * How the tables come to be, in the order of their names: what was carried out once is never changed, it gets a
 * successor. Each only adds: an older version is at work on the same tables (infra/operate/upgrading.md). Texts are
 * of collation "C", and so have to be all that are compared with them.
 */
export const migrations: Record<string, Migration> = {
  '0001-events': events,
  '0002-links': links,
  '0003-patterns': patterns,
}
