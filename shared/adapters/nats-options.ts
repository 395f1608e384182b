import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { type Authenticator, type ConnectionOptions, credsAuthenticator } from '@nats-io/transport-node'
import { serversOf } from '../endpoint.ts'
import type { Identity } from './identity.ts'
import { lastRead } from './last-read.ts'

/** What the client needs to know, and where it may connect. */
export type NatsOptions = ConnectionOptions & { inboxPrefix: string; servers: string[] }

/**
 * What the client needs to know of an endpoint; credentials leave the URL, so that none of them is ever printed. Files are
 * read anew for each connection.
 */
export function connectionOptions(endpoint: string, name: string, identity: Identity = {}): NatsOptions {
  const urls = serversOf(endpoint)
  const [first] = urls
  if (!first) throw new RangeError('Cannot connect to NATS without a URL')
  const creds = identity.NATS_CREDS_FILE
  return {
    servers: urls.map(url => `${url.hostname}:${url.port || '4222'}`),
    name,
    inboxPrefix: `_INBOX_${name.replaceAll(/[^\w-]/g, '_')}`,
    maxReconnectAttempts: -1,
    // A server that is restarted with its new users not there yet is no reason to give up for good.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    waitOnFirstConnect: true,
    pingInterval: 10_000,
    timeout: 5_000,
    ...(first.username && {
      user: decodeURIComponent(first.username),
      pass: decodeURIComponent(first.password),
    }),
    ...(creds && { authenticator: credentialsIn(creds) }),
    ...(urls.some(({ protocol }) => protocol === 'tls:') && { tls: tlsOf(urls, identity) }),
  }
}

/** Shows the credentials that are in the file by now. */
function credentialsIn(file: string): Authenticator {
  const credentials = lastRead(file, content => {
    const shown = credsAuthenticator(content)
    // It looks at them when it is asked only.
    shown()
    return shown
  })
  // A signature is of the server's challenge, good for one connection.
  return challenge => credentials()?.(challenge)
}

function tlsOf(urls: URL[], { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }: Identity) {
  const hosts = urls.map(url => url.hostname.replace(/^\[|\]$/g, ''))
  return {
    ...(certFile && { certFile }),
    ...(keyFile && { keyFile }),
    checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
      // Of a server that it reaches by an address the client tells TLS no name, which then takes it for "localhost".
      const addresses = host === 'localhost' && !hosts.includes(host) ? hosts.filter(name => isIP(name)) : []
      const names = addresses.length > 0 ? addresses : [host]
      const problems = names.map(name => checkServerIdentity(name, certificate))
      return problems.includes(undefined) ? undefined : problems[0]
    },
  }
}
