import { shellQuoted } from '../script/quote.ts'
import type { Mark } from '../steps/mark.ts'

/**
 * The command that the host's sshd is asked for. All else comes by its input, since the arguments of a process are seen
 * by everybody there. Any login shell reads it alike.
 */
export const command = 'exec /bin/sh'

/** What a step is on a host; `nonce` marks the lines that are ours, `limitSeconds` counts there, whatever becomes of us. */
export type Asked = {
  interpreter: string[]
  text: string
  env: Record<string, string>
  mark: Mark
  nonce: string
  limitSeconds: number
}

/**
 * A program for a POSIX shell that runs a script in the group of this shell. It says on stderr: `{nonce} ready`; then one
 * of `{nonce} missing`, `{nonce} problem …` and `{nonce} exit {status}`. All that the script prints follows a line
 * `{nonce}` on stdout. It reads `TERM` or `KILL` on its input, and kills all when that ends: when we are gone.
 */
export function program({ interpreter, text, env, mark, nonce, limitSeconds }: Asked): string {
  const [name = 'sh'] = interpreter
  // Any other name would be code here, and no shell could read it.
  const exports = Object.entries({ ...env, [mark.name]: mark.value })
    .filter(([variable]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
    .map(([variable, value]) => `export ${variable}=${shellQuoted(value)}`)
  // What this shell itself says is told nobody: bash tells of what was killed, with all that it exported.
  // In braces: read to its end before anything runs, so that nothing else reads of the input what is ours.
  return `{
umask 077
trap : TERM
exec 3<&0 4>&2 2>/dev/null </dev/null
say() { printf '%s %s\\n' ${nonce} "$*" >&4; }
dir=$(mktemp -d "\${TMPDIR:-/tmp}/ops-run-XXXXXXXX") || { say problem no folder for the script can be made; exit 1; }
marked() {
  grep -lsz '^${mark.name}=${mark.value}$' /proc/[0-9]*/environ | while IFS= read -r found; do
    found=\${found%/environ}
    kill -9 "\${found#/proc/}"
  done
}
all() {
  marked
  rm -rf "$dir"
  kill -9 "-$$"
}
(
  trap '' TERM
  while read -r word; do
    case $word in
      TERM) kill -15 "-$$" ;;
      *) break ;;
    esac
  done
  all
) <&3 >/dev/null 4>&- &
leash=$!
(
  trap '' TERM
  sleep ${limitSeconds}
  all
) >/dev/null 3<&- 4>&- &
clock=$!
cat >"$dir/script" <<'${nonce}'
${text}
${nonce}
printf '%s\\n' ${nonce}
say ready
(
${exports.join('\n')}
command -v ${shellQuoted(name)} >/dev/null 2>&1 || { say missing; exit 127; }
exec ${interpreter.map(shellQuoted).join(' ')} "$dir/script" 3<&- 4>&- 2>&1
)
status=$?
sleep 0.1
marked
rm -rf "$dir"
say exit $status
kill -9 "-$$"
kill -9 $leash $clock
exit $status
}
`
}
