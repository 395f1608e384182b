/** Where a process is told what to show a server of itself. */
export type Shown = { certificate: string; key: string }

/**
 * Why there is no TLS with a server, and what would be right, as the end of a sentence that begins with who it is;
 * undefined for a failure of another kind.
 */
export function tlsProblem(error: unknown, shown: Shown = inFiles): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (isNamed(error))
    return `its certificate is for ${error.cert.subjectaltname ?? 'no name'}, not for "${error.host}"`
  const { cause, message } = error
  if (cause instanceof Error && cause !== error) return tlsProblem(cause, shown)
  const code = 'code' in error ? String(error.code) : ''
  return problems(shown).find(([pattern]) => pattern.test(code || message))?.[1]
}

const inFiles: Shown = { certificate: 'TLS_CERT_FILE', key: 'TLS_KEY_FILE' }

/** What Node says of a name that is not in a certificate. */
const isNamed = (error: Error): error is Error & { host: string; cert: { subjectaltname?: string } } =>
  'code' in error && error.code === 'ERR_TLS_CERT_ALTNAME_INVALID'

// The codes of X.509 are OpenSSL's X509_V_ERR_…, those of alerts RFC 8446, section 6; the texts are of clients that ask first.
const problems = ({ certificate, key }: Shown): [RegExp, string][] => [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF|GET_ISSUER)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/,
    'its certificate is by an authority that is not known here: NODE_EXTRA_CA_CERTS has to name a file with it, in PEM',
  ],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet, by the clock here'],
  [
    /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)/,
    `it wants a certificate of ours: ${certificate} and ${key} have to name one that it takes`,
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|(UNSUPPORTED_)?CERTIFICATE\w*|DECRYPT_ERROR)/,
    `it does not take the certificate in ${certificate}`,
  ],
  [/KEY_VALUES_MISMATCH/, `the key in ${key} is not that of the certificate in ${certificate}`],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|does not support ('tls'|SSL)/, 'it does not speak TLS there'],
]
