/** Words with a digit or a slash in them that say something. */
const meant = new Set(
  'x509 ipv4 ipv6 http2 http/2 base64 utf-8 utf8 oauth2 md5 sha1 sha256 s3 ec2 i/o input/output read/write and/or affinity/selector tcp/ip n/a'.split(
    ' ',
  ),
)

/** Does a word of a message, without the signs behind it, vary from one message to the next? By its looks alone. */
export function varies(core: string): boolean {
  if (meant.has(core.toLowerCase())) return false
  // validate.k8s.io
  if (/\d/.test(core.replaceAll('k8s', ''))) return true
  if (!/[A-Za-z]/.test(core)) return false
  return core.includes('/') || core.includes('@') || isReference(core) || isHashed(core)
}

// foo:latest, but neither std::bad_alloc nor Error:Forbidden
const isReference = (core: string) => core.includes(':') && !core.includes('::') && !/[A-Z]/.test(core)

// The letters of which Kubernetes makes suffixes of names (apimachinery, util/rand), 22 % of them without any digit; and hex.
function isHashed(core: string): boolean {
  const suffix = core.slice(core.lastIndexOf('-') + 1)
  if (suffix.length === core.length) return /^[a-f]{8,}$/.test(core)
  return /^[bcdfghjklmnpqrstvwxz]{5}$/.test(suffix) || /^[bcdfghjklmnpqrstvwxz]{8,10}$/.test(suffix)
}
