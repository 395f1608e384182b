import { z } from 'zod'
import { integer } from '../../shared/config.ts'

const list = z.string().transform(text =>
  text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== ''),
)

/** What cron-taskrun reads of its environment beside what all doors read. */
export const settings = {
  /** Where subject-ingest is: a run's steps post their findings to it. */
  INGEST_URL: z.url({ protocol: /^https?$/, error: 'it has to be http://host:port or https://host:port' }),
  /** The namespaces whose Tasks may run as root on their nodes, or mount paths of theirs. */
  PRIVILEGED_NAMESPACES: list.default([]),
  /** The image of steps that name none. */
  DEFAULT_RUNTIME_IMAGE: z.string().default('ubuntu:22.04'),
  /** The time limit of steps that say none. */
  STEP_TIMEOUT_SECONDS: integer(1, 86_400).default(600),
  /** The service account of Jobs; without one they get no token of any. */
  RUN_SERVICE_ACCOUNT: z.string().optional(),
  SECRETS_DIR: z.string().optional(),
  KUBECONFIG: z.string().optional(),
  KUBERNETES_SERVICE_HOST: z.string().optional(),
  KUBERNETES_SERVICE_PORT: z.string().optional(),
}
