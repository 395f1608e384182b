import { shellQuoted as quoted } from '../script/quote.ts'
import { mostOfOne } from '../script/rules.ts'
import type { PreparedStep } from '../script/step.ts'

/** What a process that is told to end has left, in seconds. */
const grace = 5
/** For so long, in seconds, what a script left behind may go on printing where the output is kept. */
const straggling = 2

/**
 * Lines of POSIX sh that run `"$@"` for so long at most; then `ops_code` is what it exited with and `ops_end` what that means.
 * `kept`: its output is also a file of the shared folder, as much of it as can be used.
 */
export function limited(
  { name, timeoutSeconds }: Pick<PreparedStep, 'name' | 'timeoutSeconds'>,
  { shared, kept }: { shared: string; kept: boolean },
): string[] {
  const run = '"$@" </dev/null >&3 2>&3 3>&-'
  return [
    // That of an old busybox has other options. It leaves something behind for a second, so it comes before the pipes.
    'if timeout -k 1 1 true >/dev/null 2>&1; then ops_limits=yes; else ops_limits=; fi',
    ...(kept ? keeping(quoted(`${shared}/${name}`)) : ['exec 3>&1']),
    'ops_began=$(date +%s)',
    'if [ "$ops_limits" ]; then',
    `  timeout -k ${grace} ${timeoutSeconds} ${run}`,
    '  ops_code=$?',
    'else',
    `  ${run} &`,
    '  ops_pid=$!',
    // A shell keeps what it redirects of a group for later, and so would hold the pipe.
    `  ( exec >/dev/null 2>&1 3>&-; sleep ${timeoutSeconds}; kill "$ops_pid"; sleep ${grace}; kill -9 "$ops_pid" ) &`,
    '  ops_watch=$!',
    '  wait "$ops_pid"',
    '  ops_code=$?',
    '  kill "$ops_watch" 2>/dev/null',
    'fi',
    'exec 3>&-',
    ...(kept ? printed : []),
    'ops_end="exited $ops_code"',
    // A script may exit with these by itself.
    'case $ops_code in',
    `  124|137|143) [ $(($(date +%s) - ops_began)) -lt ${timeoutSeconds} ] || ops_end='timed out after ${timeoutSeconds} s' ;;`,
    'esac',
  ]
}

// Two pipes: tee reads what the script prints, and of that a copy is cut. Whoever waits for the script alone would lose
// its last lines; whoever waits for the end of its output would wait for a process that it left behind.
const keeping = (file: string) => [
  `for ops_program in mkfifo tee head; do command -v $ops_program >/dev/null 2>&1 || refuse "The image has no \\"$ops_program\\", and a later step uses the output of this one"; done`,
  `rm -f ${file}.pipe ${file}.copy`,
  `mkfifo ${file}.pipe ${file}.copy || refuse 'Cannot make the pipes for the output'`,
  `{ head -c ${mostOfOne + 1} >${file}; cat >/dev/null; } <${file}.copy &`,
  'ops_copying=$!',
  `tee ${file}.copy <${file}.pipe &`,
  'ops_printing=$!',
  `exec 3>${file}.pipe`,
]

const printed = [
  `{ sleep ${straggling}; kill "$ops_printing"; } >/dev/null 2>&1 &`,
  'ops_patience=$!',
  'wait "$ops_printing" 2>/dev/null',
  'kill "$ops_patience" 2>/dev/null',
  'wait "$ops_copying" 2>/dev/null',
]
