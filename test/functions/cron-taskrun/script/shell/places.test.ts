// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts are full of them
import { describe, expect, it } from 'vitest'
import { hostile, runStep, shells } from '../world.ts'

/** A fake of what runs a program elsewhere: it forgets its environment, as ssh and sudo do. */
const elsewhere = `ssh() { while [ "\${1#-}" != "$1" ]; do [ "$1" != -p ] || shift; shift; done; shift; if [ $# -eq 0 ]; then env -i PATH="$PATH" sh; else env -i PATH="$PATH" sh -c "$*"; fi; }
sudo() { env -i PATH="$PATH" "$@"; }
kubectl() { shift 3; env -i PATH="$PATH" "$@"; }
`

// Each prints the value, and nothing else.
const places: [string, string][] = [
  ['double quotes', 'printf "%s" "${v}"'],
  ['single quotes', `printf '%s' '\${v}'`],
  ['a word of several quotings', `printf '%s' ''"\${v}"''`],
  ['an assignment', 'a=${v}; printf %s "$a"'],
  ['an assignment in single quotes', `a='\${v}'; printf %s "$a"`],
  ['a function', `f() { printf %s '\${v}'; }; f`],
  ['a function with local', `f() { local a='\${v}'; printf %s "$a"; }\nf`],
  ['case', `case '\${v}' in "\${v}") printf %s "\${v}";; *) echo no;; esac`],
  ['a pattern of case', `case "\${v}" in '\${v}') printf %s "\${v}";; esac`],
  ['case in a substitution', `a=$(case x in x) printf '%s.' '\${v}';; esac); printf %s "\${a%.}"`],
  ['case in a substitution, with (', `a=$(case x in (x) printf '%s.' '\${v}';; esac); printf %s "\${a%.}"`],
  ['a substitution', `a=$(printf '%s.' '\${v}'); printf %s "\${a%.}"`],
  ['a substitution in double quotes', `a="$(printf '%s.' '\${v}')"; printf %s "\${a%.}"`],
  ['backticks', `a=\`printf '%s.' '\${v}'\`; printf %s "\${a%.}"`],
  ['backticks in double quotes', 'a="`printf \'%s.\' \'${v}\'`"; printf %s "${a%.}"'],
  [
    'backticks within backticks',
    `a=\`printf '%s.' \\\`printf x\\\`'\${v}'\`; a=\${a#x}; printf %s "\${a%.}"`,
  ],
  ['a default', 'printf %s "${nothing:-${v}}"'],
  ['a loop', `for a in '\${v}'; do printf %s "$a"; done`],
  ['a test', `if [ '\${v}' = "\${v}" ]; then printf %s '\${v}'; fi`],
  ['a comment before it', `# it's "\${v}"\nprintf %s '\${v}' # don't`],
  ['a pipe', `printf %s '\${v}' | cat`],
  ['a subshell', `(printf %s '\${v}')`],
  ['a negation', `! printf %s '\${v}'`],
  ['a here-document', 'cat <<EOF | head -c -1\n${v}\nEOF'],
  ['a quoted here-document', `cat <<'EOF' | head -c -1\n\${v}\nEOF`],
  ['a here-document quoted twice', `cat <<"EOF" | head -c -1\n\${v}\nEOF`],
  ['a here-document quoted by a backslash', `cat <<\\EOF | head -c -1\n\${v}\nEOF`],
  ['a here-document with a strange end', `cat <<'A B;$c' | head -c -1\n\${v}\nA B;$c\n`],
  ['a here-document with tabs', `cat <<-'EOF' | head -c -1\n\t\${v}\n\tEOF\n`],
  ['a here-document in a substitution', `a=$(cat <<'EOF'\n\${v}.\nEOF\n); printf %s "\${a%.}"`],
  ['two here-documents', `{ cat <<'A'; cat <<B; } | { cat >all; printf %s '\${v}'; }\n\${v}\nA\n\${v}\nB\n`],
  ['sh -c with single quotes', `sh -c 'printf %s "\${v}"'`],
  ['sh -c with double quotes', 'sh -c "printf %s \\"${v}\\""'],
  ['sh -c with single quotes in double ones', `sh -c "printf %s '\${v}'"`],
  ['sh -c with single quotes in single ones', `sh -c 'printf %s '\\''\${v}'\\'''`],
  ['sh -c with $v', 'sh -c "printf %s \\"$v\\""'],
  ['sh -c with a length', 'sh -c "[ ${#v} -ge 0 ] && printf %s \\"${v:-}\\""'],
  ['bash -ec', `bash -o pipefail -ec 'printf %s "\${v}"'`],
  ['env sh -c', 'env A=b sh -c "printf %s \\"${v}\\""'],
  ['sh -c in sh -c', `sh -c 'sh -c "printf %s \\"\${v}\\""'`],
  ['sh -c in sh -c, with double quotes', 'sh -c "sh -c \\"printf %s \\\\\\"${v}\\\\\\"\\""'],
  ['an argument of sh -c', `sh -c 'printf %s "$1"' sh '\${v}'`],
  ['xargs sh -c', `echo a | xargs -n1 sh -c 'printf %s "\${v}"'`],
  ['find -exec sh -c', `find . -maxdepth 0 -exec sh -c 'printf %s "\${v}"' sh {} \\;`],
  ['eval with single quotes', `eval 'printf %s "\${v}"'`],
  ['eval with double quotes', 'eval "printf %s \\"${v}\\""'],
  ['eval with several words', `eval printf %s "'\${v}'"`],
  ['eval without quotes', 'eval printf %s \\"${v}\\"'],
  ['what is evaluated later', `c='printf %s "\${v}"'; eval "$c"`],
  ['what is evaluated later, with double quotes', 'c="printf %s \\"${v}\\""; eval "${c}"'],
  ['what is sent later', `${elsewhere}c="printf %s '\${v}'"; ssh host "$c"`],
  ['sh -c with a comment', 'sh -c "printf %s \\"${v}\\" # ${v} $v"'],
  ['a trap', `trap 'printf %s "\${v}"' EXIT`],
  ['a trap with double quotes', 'trap "printf %s \\"${v}\\"" EXIT'],
  ['a here-document for sh', `sh <<'EOF'\nprintf %s "\${v}"\nEOF`],
  ['a here-document for sh, with single quotes', `sh <<'EOF'\nprintf %s '\${v}'\nEOF`],
  ['an open here-document for sh', 'sh <<EOF\nprintf %s "${v}"\nEOF'],
  ['an open here-document for sh, with single quotes', `sh -s <<EOF\nprintf %s '\${v}'\nEOF`],
  ['what is piped into sh', `cat <<EOF | sh\nprintf %s "\${v}"\nEOF`],
  ['what is echoed into sh', `echo 'printf %s "\${v}"' | sh`],
  ['what is echoed into sh, with double quotes', 'echo "printf %s \\"${v}\\"" | sh'],
  ['a here-document in sh -c', `sh -c "$(cat <<'EOF'\nprintf %s "\${v}"\nEOF\n)"`],
  ['a script that is written and run', `cat > a.sh <<'EOF'\n#!/bin/sh\nprintf %s "\${v}"\nEOF\nsh a.sh`],
  ['a script that is written openly', `cat > a.sh <<EOF\nprintf %s "\${v}"\nEOF\nenv -i sh a.sh`],
  ['ssh', `${elsewhere}ssh -p 22 host 'printf %s "\${v}"'`],
  ['ssh with double quotes', `${elsewhere}ssh host "printf %s '\${v}'"`],
  ['ssh with double quotes in double ones', `${elsewhere}ssh host "printf %s \\"\${v}\\""`],
  ['ssh without quotes', `${elsewhere}ssh host printf %s \\"\${v}\\"`],
  ['ssh with a here-document', `${elsewhere}ssh host <<'EOF'\nprintf %s "\${v}"\nEOF`],
  ['ssh with an open here-document', `${elsewhere}ssh -T host <<EOF\nprintf %s '\${v}'\nEOF`],
  ['ssh with a here-document for bash', `${elsewhere}ssh host bash -s <<'EOF'\nprintf %s "\${v}"\nEOF`],
  ['ssh with sh -c', `${elsewhere}ssh host "sh -c 'printf %s \\"\${v}\\"'"`],
  ['ssh through ssh', `${elsewhere}ssh host "env -i PATH=\\"$PATH\\" sh -c 'printf %s \\"\${v}\\"'"`],
  ['sudo sh -c', `${elsewhere}sudo sh -c 'printf %s "\${v}"'`],
  ['sudo sh -c with double quotes', `${elsewhere}sudo sh -c "printf %s '\${v}'"`],
  ['kubectl exec', `${elsewhere}kubectl exec pod -- sh -c 'printf %s "\${v}"'`],
  [
    'kubectl exec with a quoted document inside',
    `${elsewhere}kubectl exec pod -- sh -c 'cat <<"E" | head -c -1\n\${v}\nE\n'`,
  ],
  ['awk by its environment', `awk 'BEGIN { printf "%s", ENVIRON["v"] }'`],
  ['python by its environment', `python3 -c 'import os; print(os.environ["v"], end="")'`],
  ['a name that is no shell name', 'printf %s "${my-var}"'],
  ['such a name in single quotes', `printf %s '\${my-var}'`],
  ['such a name in a here-document', `cat <<'EOF' | head -c -1\n\${my-var}\nEOF`],
  ['such a name in sh -c', `sh -c 'printf %s "\${my-var}"'`],
  ['such a name over ssh', `${elsewhere}ssh host 'printf %s "\${my-var}"'`],
]
const onlyBash: [string, string][] = [
  ["$'…'", `printf %s $'\${v}'`],
  ["$'…' with escapes", `a=$'\\t\${v}\\t'; a=\${a#?}; printf %s "\${a%?}"`],
  ['an array', `a=('\${v}' b); printf %s "\${a[0]}"`],
  ['an array with an index', `declare -A a=([x]='\${v}'); printf %s "\${a[x]}"`],
  ['[[', `if [[ '\${v}' == "\${v}" ]]; then printf %s '\${v}'; fi`],
  ['[[ with a pattern', `if [[ "a" =~ ^(a|b)$ ]]; then printf %s '\${v}'; fi`],
  ['a here-string', `cat <<< '\${v}' | head -c -1`],
  ['a here-string for sh', `sh <<< 'printf %s "\${v}"'`],
  ['a process substitution', `cat <(printf %s '\${v}')`],
  ['mapfile', `mapfile -d "" a < <(printf '%s\\0' '\${v}'); printf %s "\${a[0]}"`],
]

describe.each(shells.map((shell, n) => [shell.join(' '), shell, n] as const))('under %s', (_, shell, n) => {
  const all = (shell[0] === 'bash' ? [...places, ...onlyBash] : places).map(
    (place, at) => [...place, at] as const,
  )
  it.each(all)('%s: the value arrives as it is, and runs nothing', (_, script, at) => {
    // Each process takes its time: all values under the first shell, and by turns under the others.
    const values = Object.entries(hostile).filter((_, turn) => n === 0 || (turn + at) % 3 === 0)
    for (const [kind, value] of values) {
      const env = { v: value, 'my-var': value }
      const { stdout, stderr, files } = runStep(shell, script, env)
      expect({ kind, stdout, stderr, ran: files.includes('pwned') }).toEqual({
        ...{ kind, stdout: value, stderr: '', ran: false },
      })
    }
  })
})
