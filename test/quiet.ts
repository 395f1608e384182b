import type { Log } from '../shared/log.ts'

/** Says nothing. */
export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }
