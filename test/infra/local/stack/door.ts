// A process as simple as one can be: it is ready, it says what it was given, and it dies when asked to.
import { createServer } from 'node:http'

createServer((request, response) => {
  if (request.url === '/environment') return response.end(JSON.stringify(process.env))
  if (request.url === '/readyz') return response.end('ready\n')
  response.statusCode = 404
  return response.end()
}).listen(Number(process.env.PORT), '127.0.0.1')

console.log(JSON.stringify({ level: 30, msg: 'listening', port: Number(process.env.PORT) }))
process.on('SIGTERM', () => process.exit(0))
