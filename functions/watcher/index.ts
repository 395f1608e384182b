import { configuration, flag } from '../../shared/config.ts'

// A cluster whose events are taken to another one has neither hooks nor what these need.
const { WATCH_ONLY } = configuration({ WATCH_ONLY: flag.default(false) })
await (WATCH_ONLY ? import('./leaf.ts') : import('./whole.ts'))
