// `npm run rights` writes down for NATS and Redis who may do what; with --check it only says whether that is fresh.
import { accountsConf, chartUsers as natsChart } from '../nats/files.ts'
import { usersAcl, chartUsers as valkeyChart } from '../redis/files.ts'
import { writeOrCheck } from '../written.ts'

/** Every file that the tables of rights are written to, by its path below infra/. */
export const rightsFiles = (): Record<string, string> => ({
  'nats/values-users.yaml': headed('nats', natsChart()),
  'nats/accounts.conf': headed('nats', accountsConf()),
  'redis/values-users.yaml': headed('redis', valkeyChart()),
  'redis/users.acl': usersAcl(),
})

// Redis takes no comments in the file of its users.
const headed = (server: string, text: string) =>
  `# Written by \`npm run rights\` from infra/${server}/rights.ts: change that.\n${text}`

if (import.meta.main) {
  writeOrCheck(Object.entries(rightsFiles()), {
    stale: path => `infra/${path} is not as the tables of rights have it: npm run rights`,
    fresh: 'The rights were written down already',
  })
}
