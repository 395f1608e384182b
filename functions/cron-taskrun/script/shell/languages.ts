import type { Piece, Word } from './pieces.ts'

/** What takes a text for a program: a shell, which `keeps` its environment or does not, or something else by its name. */
export type Language = { is: 'shell'; keeps: boolean } | { is: 'sed' | 'code'; by: string }

/** A text in a script that is a program itself: words that are read as one, or a here-document. */
export type Program = Language & {
  pieces: Piece[]
  /** So many characters stand before it: the name of a variable that is run later. */
  skip?: number
}

/** What a command takes for programs: of its words, and what it reads. */
export type Reads = { argument: Program[]; input: Language | undefined }

export const shells = /^(sh|bash|dash|ash|ksh|ksh93|mksh|zsh)$/
export const interpreters = /^(python\d*(\.\d+)?|pypy\d*|perl|ruby|node|nodejs|php|lua)$/
export const awks = /^([gmn]?awk|original-awk)$/
export const seds = /^g?sed$/

/** What starts other programs. The first kind hands its environment on, the second may not, or elsewhere. */
export const starters =
  /^(env|xargs|nsenter|timeout|nohup|exec|command|builtin|find|chroot|time|nice|ionice|setsid|stdbuf|unshare|flock|busybox|chrt|taskset|strace|watch|parallel)$/
export const losers =
  /^(sudo|doas|su|runuser|docker|podman|nerdctl|crictl|ctr|kubectl|oc|ssh|sshpass|pdsh|systemd-run|lxc|lxc-attach|machinectl|at|batch|script|k)$/
/** What hands on what it is told. */
export const talkers = /^(cat|echo|printf|tee)$/

/** The name of the program that a word calls. */
export const nameOf = (word: Word) => word.text.replace(/^.*\//s, '')

/** The language of a program by the name of what is called. */
export const languageBy = (name: string, keeps: boolean): Language | undefined => {
  if (shells.test(name)) return { is: 'shell', keeps }
  return interpreters.test(name) ? { is: 'code', by: name } : undefined
}

/** The language of a file by the name in its first line. */
export function languageOfFirstLine(text: string): Language | undefined {
  const called = /^\s*#!\s*(?:\S*\/env\s+(?:-\S+\s+)*)?(?:\S*\/)?([^\s/]+)/.exec(text)?.[1]
  if (!called) return undefined
  return languageBy(called, false) ?? { is: 'code', by: called }
}

/** The language of a file by its own name. */
export function languageOfFile(name: string): Language | undefined {
  if (/\.(sh|bash|ksh|zsh)$/.test(name)) return { is: 'shell', keeps: false }
  return /\.(py|pl|rb|js|mjs|php|lua|awk|sed)$/.test(name)
    ? { is: 'code', by: name.replace(/^.*\./, '.') }
    : undefined
}
