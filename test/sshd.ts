import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { startChild } from '../infra/local/child.ts'
import { runToEnd } from '../infra/local/command.ts'
import { freePort } from '../infra/local/ports.ts'
import { provideSshd } from '../infra/local/programs/sshd.ts'
import { until } from '../infra/local/until.ts'

/** A real OpenSSH server on the loopback, with keys and a user of its own. */
export type Sshd = {
  port: number
  username: string
  /** What lets in: a private key, and the same in PEM with a passphrase; one that does not; a password. */
  key: string
  lockedKey: string
  passphrase: string
  strangeKey: string
  password: string
  /** Where its user is at home. */
  home: string
  stop(): Promise<void>
  /** Comes up again on the same port with another host key. */
  otherKey(): Promise<void>
  /** Comes up again on the same port. */
  start(): Promise<void>
}

const username = 'tester'
const password = 'open sesame'
// `openssl passwd -6` of it.
const shadow =
  '$6$opsevents$9FmoI3gzGrLhA0fqyFtIhB2w6EIrfCcOBua3SGVuXJAuCy9Ti.HbpGyQfHcz0nOA1xpHpT2lF8PS3YyN1pBjd/'
const passphrase = 'of the key'

// As root it would want more of the system than it has: nobody's id will do, under a name of ours.
const asRoot = process.getuid?.() === 0
const uid = asRoot ? 65_534 : (process.getuid?.() ?? 0)
const gid = asRoot ? 65_534 : (process.getgid?.() ?? 0)

/** An sshd for this test file alone, which stops after its last test. Call it outside of tests and hooks. */
export async function ownSshd(): Promise<Sshd> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-sshd-'))
  const port = await freePort()
  const program = await furnish(dir, port)
  const launch = async () => {
    const as = ['--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups']
    const args = [join(dir, 'sshd'), '-D', '-e', '-f', join(dir, 'config')]
    const child = asRoot
      ? await startChild('setpriv', [...as, ...args], { env: program })
      : await startChild(args[0] ?? '', args.slice(1), { env: program })
    await until('sshd to greet', child, () => greets(port))
    return child
  }
  let child = await launch()
  afterAll(async () => {
    await child.kill()
    await rm(dir, { recursive: true, force: true })
  })
  const read = (name: string) => runToEnd('cat', [join(dir, name)]).then(({ output }) => output)
  return {
    port,
    username,
    password,
    passphrase,
    home: join(dir, 'home'),
    key: await read('key'),
    lockedKey: await read('locked'),
    strangeKey: await read('strange'),
    stop: () => child.kill(),
    async start() {
      child = await launch()
    },
    async otherKey() {
      await child.kill()
      await makeKey(join(dir, 'hostkey'), '')
      await chown(join(dir, 'hostkey'), uid, gid)
      child = await launch()
    },
  }
}

/** Puts all that it needs into the folder; resolves to its environment. */
async function furnish(dir: string, port: number): Promise<NodeJS.ProcessEnv> {
  const { root, sshd, libraries, session } = await provideSshd()
  for (const file of [sshd, ...libraries, ...(session ? [session, session.replace('session', 'auth')] : [])])
    await copyFile(join(root, file), join(dir, basename(file)))
  for (const [name, secret] of Object.entries({ hostkey: '', key: '', strange: '', locked: passphrase }))
    await makeKey(join(dir, name), secret)
  const { output } = await runToEnd('cat', [join(dir, 'key.pub'), join(dir, 'locked.pub')])
  await mkdir(join(dir, 'home'))
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/hostkey`,
    `AuthorizedKeysFile ${dir}/authorized`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    ...(session ? [`SshdSessionPath ${dir}/sshd-session`, `SshdAuthPath ${dir}/sshd-auth`] : []),
  ]
  const files = {
    authorized: output,
    config: `${config.join('\n')}\n`,
    passwd: `${username}:${shadow}:${uid}:${gid}::${dir}/home:/bin/sh\n`,
    group: `${username}:x:${gid}:\n`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  await chmod(dir, 0o755)
  if (asRoot) for (const name of await readdir(dir)) await chown(join(dir, name), uid, gid)
  return {
    PATH: process.env.PATH,
    LD_LIBRARY_PATH: dir,
    LD_PRELOAD: join(dir, 'libnss_wrapper.so'),
    NSS_WRAPPER_PASSWD: join(dir, 'passwd'),
    NSS_WRAPPER_GROUP: join(dir, 'group'),
  }
}

async function makeKey(file: string, secret: string): Promise<void> {
  await rm(file, { force: true })
  const made = await runToEnd('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    secret,
    '-C',
    basename(dirname(file)),
    '-f',
    file,
  ])
  if (!made.ok) throw new Error(`ssh-keygen failed: ${made.output}`)
}

function greets(port: number): Promise<true | undefined> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 })
    const end = (answer?: true) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('data', data => end(data.toString().startsWith('SSH-2.0-') ? true : undefined))
    socket.on('error', () => end())
    socket.on('timeout', () => end())
  })
}
