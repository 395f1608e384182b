// Ready as well, but no polite signal ends it.
process.on('SIGTERM', () => {})
await import('./door.ts')
process.removeAllListeners('SIGTERM').on('SIGTERM', () => console.log('not listening'))
