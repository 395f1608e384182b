/** What one target of a Dockerfile makes of its base: the last word of each instruction, those of its own base included. */
export type Target = {
  /** The image that it starts from. */
  base: string
  env: Record<string, string>
  labels: Record<string, string>
  /** USER, WORKDIR, ENTRYPOINT and so on, as written. */
  said: Record<string, string>
  /** Each COPY and RUN, in their order. */
  steps: string[]
}

/**
 * The named stages of our own Dockerfile, which is plain: one FROM a stage, variables as `${NAME}` only, ENV and LABEL
 * as NAME=value. `args` take the place of the defaults.
 * @throws Error naming a line that is none of this
 */
export function targetsOf(text: string, args: Record<string, string> = {}): Map<string, Target> {
  const targets = new Map<string, Target>()
  let known: Record<string, string> = {}
  let target: Target | undefined
  for (const { word, rest } of instructions(text)) {
    const filled = () => rest.replace(/\$\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole)
    if (word === 'ARG') {
      const [name = '', value = ''] = rest.split(/=(.*)/s)
      known = { ...known, [name]: args[name] ?? value }
    } else if (word === 'FROM') {
      const [from = '', name] = filled().split(/ AS /i)
      target = startOf(from, targets.get(from))
      if (name) targets.set(name, target)
    } else if (!target)
      throw new Error(`Cannot read the Dockerfile: "${word} ${rest}" stands before any FROM`)
    else if (word === 'ENV') Object.assign(target.env, pairs(filled()))
    else if (word === 'LABEL') Object.assign(target.labels, pairs(filled()))
    else if (word === 'COPY' || word === 'RUN') target.steps.push(`${word} ${filled()}`)
    else target.said[word] = filled()
  }
  return targets
}

/** Those that are images to run; on the others these are built. */
export const imagesOf = (targets: Map<string, Target>): Map<string, Target> =>
  new Map([...targets].filter(([name]) => !['build', 'base', 'watchdog'].includes(name)))

function startOf(from: string, stage?: Target): Target {
  if (!stage) return { base: from, env: {}, labels: {}, said: {}, steps: [] }
  const { base, env, labels, said, steps } = stage
  return { base, env: { ...env }, labels: { ...labels }, said: { ...said }, steps: [...steps] }
}

const instructions = (text: string) =>
  text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? []
      if (word === undefined || rest === undefined)
        throw new Error(`Cannot read the Dockerfile: "${line}" begins with no instruction such as FROM`)
      return { word, rest }
    })

const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, bare]) => [
      name,
      quoted ?? bare,
    ]),
  )
