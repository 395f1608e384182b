import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { domainOf } from '../../shared/leaf.ts'
import { messageOf } from '../../shared/log.ts'
import { leafSecrets } from '../install/leaf.ts'
import { newSecrets } from '../install/make.ts'
import { retirements, rotations, type Step, type Turn } from '../install/rotate.ts'
import { listed, type Secret, secretsIn, written } from '../install/secret.ts'
import { misused, Trouble } from './client.ts'
import type { Command, Given } from './command.ts'
import { textOf } from './selectors.ts'

const draw = (encoding: 'base64' | 'base64url') => randomBytes(32).toString(encoding)

const make: Command = {
  words: 'secrets make',
  says: 'every Secret of a new installation, for "kubectl create -f -"',
  options: {
    namespace: {
      type: 'string',
      hint: 'ns',
      says: 'where it is installed, ACTIVE_NAMESPACE or ops-system unless given',
    },
    nats: { type: 'string', hint: 'host:port', says: 'nats.{namespace}.svc:4222 unless given' },
    redis: { type: 'string', hint: 'host:port', says: 'ops-redis.{namespace}.svc:6379 unless given' },
    postgres: {
      type: 'string',
      hint: 'host:port',
      says: 'ops-postgres-rw.{namespace}.svc:5432 unless given',
    },
    for: { type: 'string', hint: 'openfaas', says: 'the functions are in openfaas-fn, as OpenFaaS has it' },
  },
  async run({ given, namespace: own, print }) {
    const namespace = textOf(given, 'namespace') ?? own
    const platform = textOf(given, 'for')
    if (platform !== undefined && platform !== 'openfaas')
      throw new Trouble(misused, `--for ${platform}: it has to be openfaas, or to be left out`)
    const at = (name: 'nats' | 'redis' | 'postgres', service: string) =>
      textOf(given, name) ?? service.replace(':', `.${namespace}.svc:`)
    const places = {
      nats: at('nats', 'nats:4222'),
      redis: at('redis', 'ops-redis:6379'),
      postgres: at('postgres', 'ops-postgres-rw:5432'),
      namespace,
      functions: platform === 'openfaas' ? 'openfaas-fn' : namespace,
    }
    print(saidOf(newSecrets(places, draw), given))
  },
}

const leaf: Command = {
  words: 'secrets leaf',
  operand: 'cluster',
  says: 'the Secrets of a leaf cluster, given those of the main one, for "kubectl create -f -" there',
  options: {
    main: { type: 'string', hint: 'host:port', says: 'where the main cluster takes links' },
    namespace: {
      type: 'string',
      hint: 'ns',
      says: 'where the watcher is, ACTIVE_NAMESPACE or ops-system unless given',
    },
    nats: { type: 'string', hint: 'host:port', says: 'its own NATS, nats.{namespace}.svc:4222 unless given' },
  },
  async run({ operand, given: options, namespace: own, print }) {
    const main = textOf(options, 'main')
    if (main === undefined) throw new Trouble(misused, '--main is missing, such as nats.example.org:7422')
    const namespace = textOf(options, 'namespace') ?? own
    const nats = textOf(options, 'nats') ?? `nats.${namespace}.svc:4222`
    const place = { cluster: domainOf(operand), namespace, nats, main }
    print(saidOf(leafSecrets(given(await text(process.stdin)), place, draw), options))
  },
}

const stepping = (word: 'rotate' | 'retire', says: string, steps: Record<string, Turn>): Command => ({
  words: `secrets ${word}`,
  operand: Object.keys(steps).join('|'),
  says,
  options: {},
  async run({ operand, given: options, print, warn }) {
    const step = steps[operand]
    if (!step) throw new Trouble(misused, `${operand} is none of these: ${Object.keys(steps).join(', ')}`)
    const { changed, next } = stepped(step, given(await text(process.stdin)))
    print(saidOf(changed, options))
    warn(next)
  },
})

/** For kubectl, which takes both. */
const saidOf = (secrets: Secret[], { json }: Given) => (json ? listed(secrets) : written(secrets))

/** A Secret that is missing, or holds something else: it says which, and shows nothing of it. */
function stepped(step: Turn, secrets: Secret[]): Step {
  try {
    return step(secrets, draw)
  } catch (error) {
    throw new Trouble(misused, messageOf(error))
  }
}

function given(json: string): Secret[] {
  try {
    return secretsIn(json)
  } catch {
    // What it says could show what was given.
    const wanted = 'kubectl get secrets -A -l app.kubernetes.io/part-of=ops-events -o json'
    throw new Trouble(misused, `Cannot read the present Secrets: pipe in what "${wanted}" prints`)
  }
}

export const secretCommands = [
  make,
  leaf,
  stepping(
    'rotate',
    'the next step of a change of passwords, keys or tokens, for "kubectl replace -f -"',
    rotations,
  ),
  stepping(
    'retire',
    'its last one for logins: new passwords for those that nobody uses; or one for a login of people',
    retirements,
  ),
]
