import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Credentials } from './kubeconfig.ts'

/** A program that hands out credentials, as the kubeconfigs of managed clusters have it. */
export const Exec = z.object({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
})

const Answer = z.object({
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
})

const run = promisify(execFile)
/** A token that is about to end is not used any more. */
const early = 60_000

/**
 * Runs the program when credentials are first needed, and again when they have expired (client-go's credential
 * plugins, `client.authentication.k8s.io`). `folder` is where a relative command starts.
 * @throws Error with what the program wrote to stderr
 */
export function execCredentials(
  exec: z.infer<typeof Exec>,
  folder: string,
  now: () => number = Date.now,
): () => Promise<Credentials> {
  let known: Promise<{ credentials: Credentials; until: number }> | undefined

  async function ask(): Promise<{ credentials: Credentials; until: number }> {
    const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
    const extra = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }]
    const variables = extra.map(({ name, value }) => `${name}=${value}`)
    const { stdout } = await run('env', [...variables, exec.command, ...(exec.args ?? [])], {
      cwd: folder,
      timeout: 60_000,
    })
    const { token, clientCertificateData, clientKeyData, expirationTimestamp } = Answer.parse(
      JSON.parse(stdout),
    ).status
    const until = Date.parse(expirationTimestamp ?? '')
    return {
      credentials: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(clientCertificateData && clientKeyData && { cert: clientCertificateData, key: clientKeyData }),
      },
      until: Number.isNaN(until) ? Number.POSITIVE_INFINITY : until - early,
    }
  }

  return async () => {
    const held = await known?.catch(() => undefined)
    if (!held || now() >= held.until) known = ask()
    return (await (known ?? ask())).credentials
  }
}
