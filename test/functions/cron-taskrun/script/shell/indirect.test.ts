// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts are full of them
import { describe, expect, it } from 'vitest'
import { run, stepOf } from '../world.ts'

const hostile = 'a[$(touch pwned)]`touch pwned`; touch pwned'

/** Ways by which a text becomes a program that stands nowhere in the script as such. */
const ways: [string, string][] = [
  ['a variable in eval', 'c=${v}; eval "echo $c"'],
  ['a variable of a variable', 'c="${v}"; d="echo $c"; eval "$d"'],
  ['a variable over ssh', 'c="${v}"; ssh host "echo $c"'],
  ['a parameter of a function', 'f() { eval "echo $1"; }; f "${v}"'],
  ['all parameters of a function', 'f() { sh -c "$@"; }; f "echo ${v}"'],
  ['set parameters', 'set -- "${v}"; sh -c "echo $1"'],
  ['a parameter of sh -c', `sh -c 'eval "$1"' sh "echo \${v}"`],
  ['a loop', 'for i in "${v}"; do sh -c "echo $i"; done'],
  ['what is read', 'echo "${v}" | while read -r l; do eval "echo $l"; done'],
  ['what xargs puts in', `echo "\${v}" | xargs -I{} sh -c 'echo {}'`],
  ['a value for want of one', '[ -z "$v" ] && v=5; sh -c "echo ${v}"'],
  ['a pipe through more', 'cat <<EOF | grep -v x | sh\necho ${v}\nEOF'],
  ['brackets in a pipe', '{ echo "echo ${v}"; } | sh'],
  ['a function in a pipe', 'f() { echo "echo ${v}"; }\nf | sh'],
  ['a loop in a pipe', 'for i in 1; do echo "echo ${v}"; done | sh'],
  ['a file that is run', 'echo "echo ${v}" > job; sh job'],
  ['a document that is run', 'cat > /tmp/job <<EOF\necho ${v}\nEOF\nsh /tmp/job'],
  ['a file of a name in a variable', 'F=$(mktemp); cat > $F <<EOF\necho ${v}\nEOF\nbash -x $F'],
  ['a file that is sourced', 'echo "a=${v}" > env; . ./env'],
  ['a file that is made a program', 'cat > job <<EOF\necho ${v}\nEOF\nchmod +x job; ./job'],
  ['a file of python', 'cat <<EOF > job\nprint("${v}")\nEOF\npython3 job'],
  ['a document in a variable', 'p=$(cat <<EOF\nprint("${v}")\nEOF\n); python3 -c "$p"'],
  ['a substitution of a process', '. <(echo "echo ${v}")'],
  ['what source reads', '. /dev/stdin <<EOF\necho ${v}\nEOF'],
  ['crontab', 'echo "* * * * * echo ${v}" | crontab -'],
  ['at', 'at now <<EOF\necho ${v}\nEOF'],
  ['su', 'su - root <<EOF\necho ${v}\nEOF'],
  ['a shell in a variable', '$SHELL -c "echo ${v}"'],
  ['ssh in a variable', 'S="ssh -o A=b"; $S host "echo ${v}"'],
  ['rsh', 'rsh host "echo ${v}"'],
  ['ansible', 'ansible all -m shell -a "echo ${v}"'],
  ['arithmetic of a variable', 'c=${v}; echo $((c + 1))'],
  ['a comparison of a variable', 'c="${v}"; [[ $c -gt 3 ]]'],
  ['a comparison of a parameter', 'f() { local c=$1; (( c > 2 )); }; f "${v}"'],
  ['a comparison of what is read', 'read -r c <<< "${v}"; [[ $c -gt 1 ]]'],
  ['a comparison among others', '[[ -n "$v" && ${v} -lt 3 ]]'],
  ['a name without a sign', '[[ v -gt 1 ]]'],
  ['a loop that counts', 'for ((i = 0; i < ${v}; i++)); do break; done'],
  ['old arithmetic', 'echo $[${v} + 1]'],
  ['an integer', 'declare -i c=${v}'],
  ['what is an integer', 'declare -i c; c="${v}"'],
  ['an index', 'a=(1 2); echo "${a[v]}"'],
  ['an index of what is set', 'a[${v}]=1'],
  ['a part of a text', 's=abc; echo "${s:${v}}"'],
  ['a name of a name', 'echo "${!v}"'],
  ['a prompt', 'echo "${v@P}"'],
  ['a trace', 'PS4="${v}"; set -x; echo'],
  ['a name that is read', 'read "${v}" <<< 1'],
  ['a name that is asked for', '[[ -v ${v} ]]'],
]

describe('a program that is made on the way', () => {
  it.each(ways)('takes no value that could be code: %s', (_, script) => {
    expect(() => stepOf(script, { v: hostile })).toThrow(/Variable "v" is .* puts it into/)
  })

  it.each(ways)('takes a number: %s', (_, script) => {
    expect(() => stepOf(script, { v: '1' })).not.toThrow()
  })
})

/** What scripts do all day, beside things like those above. */
const ordinary: [string, string, string][] = [
  ['printed beside eval', 'eval "a=1"; echo "$a ${v}"', '1 VALUE\n'],
  [
    'in a document that is kept',
    'cat > app.conf <<EOF\nm=${v}\nEOF\nchmod 600 app.conf; cat app.conf',
    'm=VALUE\n',
  ],
  ['in a function that prints', 'say() { printf "%s: %s\\n" "$1" "$2"; }\nsay a "${v}"', 'a: VALUE\n'],
  [
    'beside a function that computes',
    'over() { local n=$1; if [ $((n + 1)) -gt 2 ]; then echo "$2"; fi; }\nover 5 "${v}"',
    'VALUE\n',
  ],
  ['read and printed', 'echo "${v}" | while read -r l; do echo "got $l"; done', 'got VALUE\n'],
  [
    'beside a loop over numbers',
    'echo "${v}"; printf "5\\n" | while read -r n; do echo $((n + 1)); done',
    'VALUE\n6\n',
  ],
  ['written by tee', 'echo "${v}" | tee -a log', 'VALUE\n'],
  ['in JSON', `d="{\\"m\\":\\"\${v}\\"}"; echo "$d"`, '{"m":"VALUE"}\n'],
  ['for what else prints', 'n=$(printf "%s" "${v}" | wc -l); echo $((n + 1))', '1\n'],
  ['as a length', 'n=${#v}; [ $((n > 3)) = 1 ] && echo long', 'long\n'],
]

it.each(ordinary)('a value is data as before: %s', (_, script, expected) => {
  const value = 'a "b" {c} (d) & $HOME [e]'
  const step = stepOf(script, { v: value })
  const { stdout, stderr } = run(['sh'], step.text, { v: value, ...step.env })
  expect({ stdout, stderr }).toEqual({ stdout: expected.replace('VALUE', value), stderr: '' })
})
