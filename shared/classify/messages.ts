import type { Severity } from '../severity.ts'

/** What a message is about that fits, and how bad that is where it is not as bad as the reason or type says. */
export type Message = { about: RegExp; category: string; severity?: Severity }

/**
 * Messages of one reason, asked before what the reason itself means. Here and below are plain alternatives only, so
 * that each takes linear time of whatever somebody writes into a message.
 */
export const ofReason: Record<string, Message[]> = {
  BackOff: [{ about: /^Back-off pulling image/, category: 'image' }],
  FailedMount: [{ about: /(?:configmap|secret)s? "[^"]*" (?:not found|is forbidden)/, category: 'config' }],
  FailedCreatePodSandBox: [
    { about: /no space left|cannot allocate memory|OOM/i, category: 'resource' },
    { about: /failed to pull|pull access denied/i, category: 'image' },
  ],
  Killing: [
    { about: /failed (?:liveness|startup) probe/, category: 'probe', severity: 'warning' },
    { about: /preempt/i, category: 'scheduling', severity: 'warning' },
  ],
}

/** Of reasons that leave it open and of those that nobody knows: the first that fits. */
export const messages: Message[] = [
  {
    about:
      /ErrImage|ImagePullBackOff|ErrPull|pull(?:ing)?(?: and unpack)? image|InvalidImageName|manifest unknown/i,
    category: 'image',
  },
  {
    about:
      /\bOOM|out of memory|cannot allocate memory|exceeded quota|maximum (?:cpu|memory) usage|minimum (?:cpu|memory) usage|no space left|disk quota/i,
    category: 'resource',
    severity: 'error',
  },
  {
    about:
      /(?:serviceaccount|configmap|secret)s? "[^"]*" not found|CreateContainerConfigError|couldn't find key|invalid (?:value|config)|executable file not found|no such file or directory/i,
    category: 'config',
  },
  {
    about:
      /forbidden|permission denied|unauthorized|access denied|x509|certificate|PodSecurity|not permitted/i,
    category: 'security',
  },
  {
    about:
      /connection refused|connection reset|no route to host|i\/o timeout|dial tcp|no such host|tls handshake|network plugin|network is (?:not ready|unreachable)/i,
    category: 'network',
  },
  { about: /probe (?:failed|errored)|health ?check/i, category: 'probe' },
  {
    about: /\bvolumes?\b|\bmount(?:ing|ed)?\b|persistentvolumeclaim|multi-attach|\bcsi\b/i,
    category: 'volume',
  },
  { about: /insufficient (?:cpu|memory|pods)|nodes are available|unschedulable/i, category: 'scheduling' },
]
