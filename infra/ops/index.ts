// `npm run ops -- …`: ops-api for people. It speaks HTTP only, with the token that it is given.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEndpoints } from '../local/endpoints.ts'
import { Trouble } from './client.ts'
import { run } from './run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

try {
  await run(process.argv.slice(2), {
    env: process.env,
    local: readEndpoints(join(root, '.local')),
    now: Date.now(),
    print: text => console.log(text),
    warn: text => console.error(text),
  })
} catch (error) {
  if (!(error instanceof Trouble)) throw error
  console.error(error.message)
  process.exitCode = error.code
}
