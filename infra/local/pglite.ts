// The embedded database, for machines that can have no PostgreSQL: this process is its one owner and lets others in by
// the protocol of PostgreSQL. They take turns: while one is in a transaction the others wait.
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const [dir = '', port = ''] = process.argv.slice(2)
const db = await PGlite.create(dir)
// Two processes with a pool each stay far below it.
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: Number(port), maxConnections: 100 })
await server.start()
console.log('takes connections')

process.on('SIGTERM', async () => {
  await server.stop()
  await db.close()
  process.exit(0)
})
