// `npm run rights` writes down for NATS and Redis who may do what; with --check it only says whether that is fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { accountsConf, chartUsers as natsChart } from '../nats/files.ts'
import { usersAcl, chartUsers as valkeyChart } from '../redis/files.ts'

/** Every file that the tables of rights are written to, by its path from the top. */
export const rightsFiles = (): Record<string, string> => ({
  'infra/nats/values-users.yaml': headed('nats', natsChart()),
  'infra/nats/accounts.conf': headed('nats', accountsConf()),
  'infra/redis/values-users.yaml': headed('redis', valkeyChart()),
  'infra/redis/users.acl': usersAcl(),
})

// Redis takes no comments in the file of its users.
const headed = (server: string, text: string) =>
  `# Written by \`npm run rights\` from infra/${server}/rights.ts: change that.\n${text}`

const root = fileURLToPath(new URL('../..', import.meta.url))

function written(path: string): string | undefined {
  try {
    return readFileSync(root + path, 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const stale = Object.entries(rightsFiles()).filter(([path, text]) => written(path) !== text)
  if (process.argv.includes('--check')) {
    for (const [path] of stale)
      console.error(`${path} is not as the tables of rights have it: npm run rights`)
    process.exitCode = stale.length > 0 ? 1 : 0
  } else {
    for (const [path, text] of stale) writeFileSync(root + path, text)
    console.log(
      stale.length > 0
        ? `Written: ${stale.map(([path]) => path).join(', ')}`
        : 'The rights were written down already',
    )
  }
}
