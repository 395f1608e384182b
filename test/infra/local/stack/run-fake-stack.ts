// `npm start` with a table of fake doors: the first argument is the folder of the state; `deaf` after it adds one that
// SIGTERM does not end, `cluster` a control plane.
import { fileURLToPath } from 'node:url'
import { runStack } from '../../../../infra/local/run.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const [dir = '', extra] = process.argv.slice(2)

await runStack({
  root,
  dir,
  cluster: extra === 'cluster',
  table: [
    {
      name: 'polite',
      door: 'door.ts',
      endpoint: 'ingest',
      port: { env: 'PORT', otherwise: 18_080, whenTaken: '' },
      env: ({ kubeconfig, postgres }) => ({
        GIVEN_KUBECONFIG: kubeconfig ?? '',
        GIVEN_DATABASE: postgres ?? '',
      }),
    },
    ...(extra === 'deaf' ? [{ name: 'deaf', door: 'deaf-door.ts' }] : []),
  ],
})
