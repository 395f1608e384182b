import type { Condition } from '../script/condition.ts'
import { lateIn, unfit } from '../script/filled.ts'
import { shellQuoted as quoted } from '../script/quote.ts'
import { mostOfOne } from '../script/rules.ts'
import { shellTest } from '../script/shell-test.ts'
import { endpointName, outputName, type PreparedStep } from '../script/step.ts'
import { limited } from './limited.ts'

/** Where a wrapper finds things, as paths in its container. */
export type Paths = {
  /** The step's script. */
  script: string
  /** The folder that the steps of a place share. */
  shared: string
  /** Where it says how the step ended (terminationMessagePath). */
  said: string
}

// No ranges: what they hold depends on the image's locale.
const harmless = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\\ _.,:/@%+=-`

/**
 * What runs a step in its container, in POSIX sh: whether at all, with what earlier steps printed, for how long, and what
 * its end means. It says so in `said`, as `ending.ts` reads it. `kept`: later steps use its output. `onHost`: it runs in
 * the namespaces of the node's first process. Its own variables start with `ops_`: a run's are in the same environment.
 */
export function wrapperOf(
  step: PreparedStep,
  { paths, kept, onHost }: { paths: Paths; kept: boolean; onHost: boolean },
): string {
  return [
    `tell() { printf '%s\\n%s\\n%s\\n' "$1" "$2" "$3" >${quoted(paths.said)}; }`,
    `refuse() { tell problem '' "$1"; printf '%s\\n' "$1" >&2; exit 1; }`,
    ...step.uses.flatMap(name => earlier(name, paths)),
    ...onlyWhen(step.when),
    ...scriptIn(step, paths),
    ...interpreterIn(step, { onHost }),
    ...limited(step, { shared: paths.shared, kept }),
    ...ending(step.allowFailure),
    '',
  ].join('\n')
}

// $(…) takes the newlines at the end away, as a shell's user expects.
function earlier(step: string, { shared }: Paths): string[] {
  const [name, file] = [outputName(step), quoted(`${shared}/${step}`)]
  const long = `The output of step "${step}" has more than ${mostOfOne / 1024} KiB, and cannot be used by another step`
  return [
    `${name}=`,
    `if [ -f ${file} ]; then`,
    `  [ "$(wc -c <${file})" -le ${mostOfOne} ] || refuse ${quoted(long)}`,
    `  ${name}=$(cat ${file})`,
    'fi',
    `export ${name}`,
  ]
}

function onlyWhen(condition: Condition | undefined): string[] {
  if (!condition) return []
  return [
    ...holding(condition),
    'case $ops_held in',
    '  0) ;;',
    `  1) tell skipped '' ''; exit 0 ;;`,
    '  *) refuse "Cannot tell whether \\"when\\" holds: $ops_why" ;;',
    'esac',
  ]
}

// In a subshell, so that nothing of it stays.
const holding = (condition: Condition) => [`ops_why=$( { ${shellTest(condition)}; } 2>&1 )`, 'ops_held=$?']

// As `filled` does where outputs are known: values that become a part of a program have to be harmless.
function scriptIn(step: PreparedStep, { script, shared }: Paths): string[] {
  const known = [endpointName, 'HOSTNAME', ...step.uses.map(outputName)]
  const put = lateIn(step).filter(({ variable }) => known.includes(variable))
  const parts = known.filter(
    name => step.plain.includes(name) || put.some(({ variable }) => variable === name),
  )
  const checks = parts.flatMap(variable => [
    `case $${variable} in`,
    `  *[!${harmless}]*) refuse ${quoted(unfit(variable, step))} ;;`,
    'esac',
  ])
  if (put.length === 0) return [...checks, `ops_script=${quoted(script)}`]
  const edits = put.map(
    ({ reference, variable }) => `-e 's|${reference.replace(/[$.]/g, '[$&]')}|'"$${variable}"'|g'`,
  )
  const filled = quoted(`${shared}/${step.name}.script`)
  return [
    ...checks,
    `ops_script=${filled}`,
    `sed ${edits.join(' ')} ${quoted(script)} >${filled} || refuse 'Cannot put outputs of earlier steps into the script'`,
  ]
}

// The script is not to be seen in the file system of the node: it is handed on as an open file.
function interpreterIn({ interpreter }: PreparedStep, { onHost }: { onHost: boolean }): string[] {
  const words = interpreter.map(quoted).join(' ')
  const program = onHost ? 'nsenter' : (interpreter[0] ?? 'sh')
  return [
    `command -v ${quoted(program)} >/dev/null 2>&1 || refuse ${quoted(`The image has no "${program}"`)}`,
    ...(onHost
      ? ['exec 9<"$ops_script"', `set -- nsenter -t 1 -m -u -i -n -p -- ${words} /proc/self/fd/9`]
      : [`set -- ${words} "$ops_script"`]),
  ]
}

function ending(allowFailure: Condition | undefined): string[] {
  const failed = `tell "$ops_end" '' ''; exit "$ops_code"`
  const succeeded = `[ "$ops_code" -ne 0 ] || { tell 'exited 0' '' ''; exit 0; }`
  if (!allowFailure) return [succeeded, failed]
  return [
    succeeded,
    ...holding(allowFailure),
    'case $ops_held in',
    `  0) tell "$ops_end" allowed ''; exit 0 ;;`,
    `  1) ${failed} ;;`,
    '  *) tell "$ops_end" \'\' "cannot tell whether \\"allowfailure\\" holds: $ops_why"; exit "$ops_code" ;;',
    'esac',
  ]
}
