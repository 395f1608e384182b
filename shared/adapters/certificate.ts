import { connect } from 'node:tls'
import type { Access } from './kubeconfig.ts'

/**
 * Until when the certificate of an API server is good; undefined where it has none. It is read, not judged: one that
 * has ended or is signed by nobody says its date all the same.
 */
export async function certificateEnd(
  { server, tls }: Access,
  signal: AbortSignal,
): Promise<Date | undefined> {
  const { protocol, hostname, port } = new URL(server)
  if (protocol !== 'https:') return undefined
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host, port: Number(port) || 443, rejectUnauthorized: false },
      ...(tls.servername ? { servername: tls.servername } : !/^[\d.]+$|:/.test(host) && { servername: host }),
    })
    const abort = () => socket.destroy(new Error(`${host} did not show its certificate in time`))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    socket.once('secureConnect', () => {
      resolve(new Date(socket.getPeerCertificate().valid_to))
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      signal.removeEventListener('abort', abort)
      reject(new Error(`${host} closed the connection before it showed its certificate`))
    })
  })
}
