/** Our own functions, as the names of their pods begin. */
export const ownFunctions = 'subject-ingest,hook-evaluate,webhook-deliver,ops-api,cron-taskrun,event-store'

/**
 * Tells the events about our own functions' pods (and whatever else carries a function's name): they are on the bus
 * like all others but wake nobody, since going to sleep would wake the sleeper. `names`: the functions', without
 * suffix; `namespace`: where they run.
 */
export function quietSubjects(
  cluster: string,
  namespace: string,
  names: string[],
): (subject: string) => boolean {
  const prefix = `ops.clusters.${cluster}.namespaces.${namespace}.`.toLowerCase()
  return subject => {
    if (!subject.startsWith(prefix)) return false
    const [, name = ''] = subject.slice(prefix.length).split('.')
    return names.some(own => name === own || name.startsWith(`${own}-`))
  }
}
