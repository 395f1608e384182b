import type { Access } from '../../../shared/adapters/kubeconfig.ts'
import { messageOf } from '../../../shared/log.ts'
import type { ClusterSpec } from '../../../shared/resources/cluster.ts'

/** What a Cluster object says of how to reach it: its kubeconfig, else its server; undefined where it is our own. */
export function accessOf(
  { config, server, token }: ClusterSpec,
  accessIn: (kubeconfig: string) => Access,
): Access | undefined | { problem: string } {
  try {
    if (config) return accessIn(Buffer.from(config, 'base64').toString('utf8'))
  } catch (error) {
    return { problem: messageOf(error) }
  }
  if (!server) return undefined
  if (!/^https?:/.test(server) || !URL.canParse(server)) {
    return { problem: `Cannot read the server "${server}": it has to be a URL such as https://10.0.0.1:6443` }
  }
  return { server, tls: {}, credentials: async () => (token ? { authorization: `Bearer ${token}` } : {}) }
}
