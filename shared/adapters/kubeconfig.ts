import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { Exec, execCredentials } from './exec-credentials.ts'

// Read here and not by @kubernetes/client-node: importing that costs 85 MB of memory, for every kind of the API.

/** What a request shows of who sends it: a header, or a client certificate (PEM). */
export type Credentials = { authorization?: string; cert?: string; key?: string }

/** How to reach a cluster. */
export type Access = {
  /** URL of its API server. */
  server: string
  tls: { ca?: string; servername?: string; rejectUnauthorized?: boolean }
  /** Asked before each request, since tokens rotate. */
  credentials(): Promise<Credentials>
}

/** The environment that says where a cluster is. */
export type Whereabouts = {
  KUBECONFIG?: string | undefined
  KUBERNETES_SERVICE_HOST?: string | undefined
  KUBERNETES_SERVICE_PORT?: string | undefined
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The cluster of `KUBECONFIG` (of several files the first to name something wins, as for kubectl), else the one that
 * this process runs in.
 * @throws Error naming what is wrong and where
 */
export function accessOf(where: Whereabouts, mounted = serviceAccount): Access {
  if (where.KUBECONFIG) return accessBy(where.KUBECONFIG)
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = where
  if (!host) throw new Error('Cannot find a cluster: there is neither a kubeconfig nor a service account')
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { ca: readFileSync(join(mounted, 'ca.crt'), 'utf8') },
    credentials: async () => bearer(readFileSync(join(mounted, 'token'), 'utf8')),
  }
}

/**
 * The cluster of a kubeconfig that somebody handed over as text. It may name no program and no file: either would be
 * one of this machine's.
 * @throws Error naming what is wrong
 */
export function accessIn(kubeconfig: string): Access {
  const path = 'that was given'
  const found = chosenIn([{ path, config: read(path, Kubeconfig, parsedYaml(kubeconfig)) }])
  const of = { cluster: found.cluster, user: found.user.value }
  for (const [entry, fields] of Object.entries(of)) {
    const field = ofThisMachine.find(name =>
      Object.entries(fields).some(([key, value]) => key === name && value),
    )
    if (field) {
      throw new Error(
        `Cannot use the kubeconfig ${path}: its ${entry} has "${field}", which names a program or file of this machine; give data or a token`,
      )
    }
  }
  return accessTo(found)
}

const ofThisMachine = ['exec', 'tokenFile', 'client-certificate', 'client-key', 'certificate-authority']

function parsedYaml(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    // The parser shows the line that it stumbled over, which may hold a key.
    const where = error instanceof YAMLParseError ? ` at line ${error.linePos?.[0].line}` : ''
    throw new Error(`Cannot read the kubeconfig that was given: it is not YAML${where}`)
  }
}

const text = z.string().nullish()
const Cluster = z.object({
  server: z.url(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': text,
  'proxy-url': z.never('a proxy is not supported').optional(),
})
const User = z.object({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  username: text,
  password: text,
  exec: Exec.nullish(),
  'auth-provider': z
    .never('Kubernetes has none of these since 1.26: "exec" has taken their place')
    .optional(),
})

const Named = z.looseObject({ name: z.string() })
const several = z
  .array(Named)
  .nullish()
  .transform(list => list ?? [])
const Kubeconfig = z.object({
  'current-context': z.string().default(''),
  clusters: several,
  contexts: several,
  users: several,
})
type File = { path: string; config: z.infer<typeof Kubeconfig> }

function accessBy(paths: string): Access {
  const files = paths
    .split(delimiter)
    .filter(path => path !== '' && existsSync(path))
    .map(path => ({ path, config: read(path, Kubeconfig, parse(readFileSync(path, 'utf8'))) }))
  if (files.length === 0) throw new Error(`Cannot find the kubeconfig "${paths}"`)
  return accessTo(chosenIn(files))
}

type Chosen = {
  /** Of the file with the cluster. */
  path: string
  cluster: z.infer<typeof Cluster>
  user: { path: string; value: z.infer<typeof User> }
}

function chosenIn(files: File[]): Chosen {
  const chosen = files.map(({ config }) => config['current-context']).find(name => name !== '') ?? ''
  const Context = z.object({ cluster: z.string(), user: z.string().default('') })
  const { cluster: clusterName, user: userName } = pick(files, 'context', chosen, Context).value
  const { path, value: cluster } = pick(files, 'cluster', clusterName, Cluster)
  const user = userName === '' ? { path, value: User.parse({}) } : pick(files, 'user', userName, User)
  return { path, cluster, user }
}

function accessTo({ path, cluster, user }: Chosen): Access {
  const ca = dataOf(cluster['certificate-authority-data'], cluster['certificate-authority'], path)
  return {
    server: cluster.server,
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cluster['tls-server-name'] && { servername: cluster['tls-server-name'] }),
      ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
    },
    credentials: credentialsOf(user.value, user.path),
  }
}

/** An entry by its kind and name, and the file that it stands in: relative paths start there. */
function pick<T>(files: File[], kind: 'context' | 'cluster' | 'user', name: string, as: z.ZodType<T>) {
  for (const { path, config } of files) {
    const entry = config[`${kind}s`].find(one => one.name === name)
    if (entry) return { path, value: read(`${path}: ${kind} "${name}"`, as, entry[kind]) }
  }
  throw new Error(`Cannot find the ${kind} "${name}" in ${files.map(({ path }) => path).join(', ')}`)
}

function read<T>(what: string, as: z.ZodType<T>, value: unknown): T {
  const result = as.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Error(`Cannot read the kubeconfig ${what}: ${problems.join('; ')}`)
}

function credentialsOf(user: z.infer<typeof User>, path: string): Access['credentials'] {
  const { token, tokenFile, username, password, exec } = user
  const cert = dataOf(user['client-certificate-data'], user['client-certificate'], path)
  const key = dataOf(user['client-key-data'], user['client-key'], path)
  const certificate = cert !== undefined && key !== undefined ? { cert, key } : {}
  if (exec) return execCredentials(exec, dirname(path))
  if (tokenFile) return async () => bearer(readFileSync(resolve(dirname(path), tokenFile), 'utf8'))
  if (token) return async () => bearer(token)
  if (!username) return async () => certificate
  const basic = Buffer.from(`${username}:${password ?? ''}`).toString('base64')
  return async () => ({ authorization: `Basic ${basic}` })
}

const bearer = (token: string): Credentials => ({ authorization: `Bearer ${token.trim()}` })

function dataOf(
  data: string | null | undefined,
  file: string | null | undefined,
  path: string,
): string | undefined {
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  return file ? readFileSync(resolve(dirname(path), file), 'utf8') : undefined
}
