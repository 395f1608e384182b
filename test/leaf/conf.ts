import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { accounts } from '../../infra/nats/accounts.ts'

const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const read = (name: string) => readFileSync(file(name), 'utf8')

/** The certificate of "localhost" that links are taken with, and that leaf clusters trust. */
export const certificate = file('test/fixtures/tls/localhost.crt')
/** Of every user of both sides. */
export const password = 'password-of-the-tests'

/** Where a server lies and listens. */
export type Place = { dir: string; port: number }

/** Where the main server takes links, and where leaf clusters reach that. */
type LinkPlace = { linkPort: number; advertised: number }
type LeafPlace = { cluster: string; mainPort: number; by: 'conf' | 'values' }

/** The files of a main cluster's server as they are shipped, with its users and one more, `app`, who may do everything. */
export function mainFiles({ dir, port, linkPort, advertised }: Place & LinkPlace): Record<string, string> {
  const shipped = Object.entries(accounts()).map(([name, account]) => {
    const users = [...account.users, ...(name === 'APP' ? [{ user: 'app' }] : [])]
    return [name, { ...account, users: users.map(user => ({ ...user, password })) }] as const
  })
  return {
    'leaf-main.conf': here(read('infra/nats/leaf-main.conf'), { linkPort, advertised }),
    'nats.conf': `server_name: main
listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(dir)}, max_file_store: 16GB }
system_account: SYS
accounts: ${JSON.stringify(Object.fromEntries(shipped))}
include ./leaf-main.conf
`,
  }
}

/** The files of a leaf cluster's server as they are shipped, for nats-server itself or by its chart's values. */
export function leafFiles({ dir, port, cluster, mainPort, by }: Place & LeafPlace): Record<string, string> {
  const own = {
    ...{ leaf_cluster: cluster, main_url: `tls://leaf:${password}@localhost:${mainPort}` },
    ...{ password_watcher: password, password_watcher_2: password },
    ...{ password_admin: password, password_operator: password },
  }
  const shipped =
    by === 'conf' ? read('infra/nats/leaf.conf') : configOfValues(read('infra/nats/leaf.values.yaml'))
  return {
    'leaf-own.conf': Object.entries(own)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
      .join(''),
    'nats.conf': here(shipped, { dir, port }),
  }
}

/** A configuration with the places of this machine. */
function here(text: string, { dir = '', port = 0, linkPort = 0, advertised = 0 }): string {
  return (
    text
      .replace(/"?port"?: 4222/, `listen: "127.0.0.1:${port}"`)
      .replace(/"?http_port"?: 8222/, 'http: "127.0.0.1:-1"')
      // Leaf clusters would come back past their links otherwise.
      .replace(/port: 7422/, `listen: "127.0.0.1:${linkPort}", advertise: "localhost:${advertised}"`)
      .replaceAll('/data', dir)
      .replaceAll('/etc/nats-certs/leafnodes/tls.crt', certificate)
      .replaceAll('/etc/nats-certs/leafnodes/tls.key', certificate.replace('.crt', '.key'))
  )
}

type Values = {
  config: {
    jetstream: { fileStore: { dir: string; maxSize: string }; merge: object }
    merge: Record<string, unknown>
  }
}

/** What NATS' chart makes of values such as these: JSON whose variables have no quotes, and includes that are none. */
function configOfValues(text: string): string {
  const { jetstream, merge } = (parse(text) as Values).config
  const { $include, ...rest } = merge
  const { dir, maxSize } = jetstream.fileStore
  const config = {
    ...{ server_name: '<< $leaf_cluster >>', port: 4222, http_port: 8222, ...rest },
    jetstream: {
      store_dir: dir,
      max_file_store: `<< ${maxSize} >>`,
      max_memory_store: 0,
      ...jetstream.merge,
    },
  }
  const [, own] = String($include).split('nats-leaf/')
  return `{ include ./${own};\n${JSON.stringify(config, null, 1).slice(1)}`.replaceAll(/"<< (.*?) >>"/g, '$1')
}
