// `npm start`: everything on this machine, until Ctrl-C; with `--cluster` a Kubernetes control plane too.
import { fileURLToPath } from 'node:url'
import { processes } from './processes.ts'
import { runStack } from './run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cluster = process.argv.includes('--cluster') || process.env.OPS_LOCAL_CLUSTER === '1'

await runStack({ root, table: processes, cluster })
