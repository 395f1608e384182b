import { localExecutor } from '../../../../functions/cron-taskrun/local/executor.ts'
import { step, workOf } from '../work.ts'

// A process to be killed while it runs this step: `node parent.ts <script>`.
const executor = localExecutor({ hostname: 'here', env: process.env, now: () => new Date() })
await executor.start(workOf(['here'], [step('one', process.argv[2] ?? '')]))
