import type { Endpoints } from './endpoints.ts'

/** What to try with a stack that runs, for pasting. */
export function whatToTry(endpoints: Endpoints, namespace: string): string {
  const { ingest, api, inbox, token, kubectl, kubeconfig } = endpoints
  const lines = ['', ...whatRuns(endpoints), '']
  if (ingest) {
    lines.push(
      'Post an event that an example hook fires on:',
      '',
      `  curl -sS -X POST ${ingest}/api/v1/namespaces/${namespace}/events/nodes.mynode.events -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' -d '{"message":"NodeNotReady: kubelet stopped posting status"}'`,
      '',
    )
  }
  if (inbox) {
    lines.push(
      'See what the hook delivered, above under "inbox", or all of it with:',
      '',
      `  curl -sS ${inbox}`,
      '',
    )
  }
  if (api) {
    lines.push(
      kubeconfig
        ? 'Run an example Task now, as a Job; pods here only say that they run, so it prints nothing:'
        : 'Run an example Task now, so that it finds something: a hook tells the inbox, another one starts a Task in answer:',
      '',
      '  npm run ops -- run task check-disk --var threshold=0 --wait',
      '  npm run ops -- runs',
      '',
      'See what could not be delivered, send it again, keep hooks quiet for a while (--help says more):',
      '',
      '  npm run ops -- deadletters list',
      '',
    )
  }
  if (kubectl && kubeconfig) {
    lines.push(
      'See the events of the cluster as they happen; the hooks fire on them too:',
      '',
      `  ${quoted(kubectl)} --kubeconfig ${quoted(kubeconfig)} get events -A -w`,
      '',
    )
  }
  lines.push('Ctrl-C ends everything; what was stored stays in .local/', '')
  return lines.join('\n')
}

const quoted = (path: string) => (/^[\w./-]+$/.test(path) ? path : `'${path}'`)

// That of a database of the user's own is not ours to show.
const withoutPassword = (url: string) => url.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:…@')

/** One line for each URL or path and one for the processes. */
export function whatRuns({ processes, token, ...endpoints }: Endpoints): string[] {
  const places = { ...endpoints, postgres: withoutPassword(endpoints.postgres) }
  const running = Object.entries(processes).map(([name, pid]) => `${name} (${pid})`)
  const rows = { ...places, token, running: running.join(', ') }
  const width = Math.max(...Object.keys(rows).map(name => name.length))
  return Object.entries(rows).map(([name, value]) => `  ${name.padEnd(width)} ${value}`)
}
