import { generateKeyPairSync } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { keptSecret } from '../secrets.ts'

// Who the API server knows by a token. What the two controllers may do is in the roles that it comes with.
const users = {
  admin: { name: 'admin', groups: 'system:masters' },
  'kube-controller-manager': { name: 'system:kube-controller-manager', groups: '' },
  'kube-scheduler': { name: 'system:kube-scheduler', groups: '' },
}

/** A user that the API server knows from its start. */
export type User = keyof typeof users

/** The names of what lies in the folder of a cluster. */
export const files = (dir: string) => ({
  certificates: join(dir, 'certificates'),
  /** That of the API server, then that of the authority which signed it. */
  certificate: join(dir, 'certificates', 'apiserver.crt'),
  certificateKey: join(dir, 'certificates', 'apiserver.key'),
  authority: join(dir, 'ca.crt'),
  tokens: join(dir, 'tokens.csv'),
  serviceAccountKey: join(dir, 'service-accounts.key'),
  kubeconfig: (user: User) => join(dir, `${user}.kubeconfig`),
})

const onlyForUs = { mode: 0o600 }

/** Writes what the API server reads when it starts; tokens and keys stay the same as long as the folder is there. */
export async function writeCredentials(dir: string): Promise<void> {
  const at = files(dir)
  const rows = Object.entries(users).map(([user, { name, groups }]) =>
    [keptSecret(dir, `${user}.token`, 'base64url'), name, name, groups].join(','),
  )
  writeFileSync(at.tokens, `${rows.join('\n')}\n`, onlyForUs)
  if (!existsSync(at.serviceAccountKey)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(at.serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }), onlyForUs)
  }
  // The API server makes itself another one, good for a year.
  await rm(at.certificates, { recursive: true, force: true })
}

/** The token by which the API server knows a user. */
export const tokenOf = (dir: string, user: User): string => keptSecret(dir, `${user}.token`, 'base64url')

/** The authority that signed the API server's certificate, as PEM; undefined as long as it has made none. */
export async function readAuthority(dir: string): Promise<string | undefined> {
  const text = await readFile(files(dir).certificate, 'utf8').catch(() => '')
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g)?.[1]
}

/** Writes the authority and a kubeconfig for every user. */
export async function writeKubeconfigs(dir: string, { url, ca }: { url: string; ca: string }): Promise<void> {
  const at = files(dir)
  await writeFile(at.authority, ca)
  for (const user of ['admin', 'kube-controller-manager', 'kube-scheduler'] as const) {
    await writeFile(at.kubeconfig(user), kubeconfigText({ url, ca, token: tokenOf(dir, user) }), onlyForUs)
  }
}

/** A kubeconfig for whoever has the token. */
export function kubeconfigText({ url, ca, token }: { url: string; ca: string; token: string }): string {
  const name = 'local'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}
