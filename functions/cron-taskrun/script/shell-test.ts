import type { Condition, Operand } from './condition.ts'
import { longestNumber, whose } from './holds.ts'
import { shellQuoted } from './quote.ts'
import { outputName } from './step.ts'

/**
 * A command of any POSIX shell that exits with 0 if a condition holds, with 1 if not, and with 2 and the reason on
 * stderr if that cannot be told. Outputs of steps are read from the environment, under `outputName`.
 */
export function shellTest(condition: Condition): string {
  return `(\nLC_ALL=C\n${functions}\nif ${command(condition)}; then exit 0; else exit 1; fi\n)`
}

function command(condition: Condition): string {
  switch (condition.is) {
    case 'constant':
      return condition.value ? ':' : '! :'
    case 'truth':
      return `ops_true ${word(condition.of)} ${name(condition.of)}`
    case 'not':
      return `{ if ${command(condition.of)}; then ! :; else :; fi; }`
    case 'both':
      return `{ ${condition.of.map(command).join(' && ')}; }`
    case 'either':
      return `{ ${condition.of.map(command).join(' || ')}; }`
    case 'starts':
      return `ops_starts ${word(condition.text)} ${word(condition.with)}`
    case 'ends':
      return `ops_ends ${word(condition.text)} ${word(condition.with)}`
    case 'equal':
      return `ops_same ${word(condition.left)} ${word(condition.right)}`
    case 'different':
      return `{ if ops_same ${word(condition.left)} ${word(condition.right)}; then ! :; else :; fi; }`
    case 'less':
      return ordered(condition.left, condition.right, '1')
    case 'atLeast':
      return ordered(condition.left, condition.right, '0|2')
    case 'more':
      return ordered(condition.left, condition.right, '2')
    case 'atMost':
      return ordered(condition.left, condition.right, '0|1')
  }
}

const word = (operand: Operand) =>
  'step' in operand ? `"\${${outputName(operand.step)}-}"` : shellQuoted(operand.text)
const name = (operand: Operand) => shellQuoted(whose(operand))

const ordered = (left: Operand, right: Operand, answers: string) =>
  `{ ops_compare ${word(left)} ${name(left)} ${word(right)} ${name(right)}; case $ops_answer in ${answers}) :;; *) ! :;; esac; }`

const functions = String.raw`ops_bare() {
  ops_text=$1
  ops_text=${'${'}ops_text#"${'${'}ops_text%%[! ${'\t\r\n'}]*}"}
  ops_text=${'${'}ops_text%"${'${'}ops_text##*[! ${'\t\r\n'}]}"}
  case $ops_text in
    \"?*\" | \"\") ops_text=${'${'}ops_text#?}; ops_text=${'${'}ops_text%?} ;;
    \'?*\' | \'\') ops_text=${'${'}ops_text#?}; ops_text=${'${'}ops_text%?} ;;
  esac
}
ops_small() {
  ops_bare "$1"
  case $ops_text in *[A-Z]*)
    ops_text=$(printf '%s.' "$ops_text" | tr ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz)
    ops_text=${'${'}ops_text%.} ;;
  esac
}
ops_same() {
  ops_small "$1"
  ops_one=$ops_text
  ops_small "$2"
  [ "x$ops_one" = "x$ops_text" ]
}
ops_true() {
  ops_small "$1"
  case $ops_text in
    true | yes | on | 1) return 0 ;;
    false | no | off | 0 | '') return 1 ;;
  esac
  printf '%s is neither true nor false\n' "$2" >&2
  exit 2
}
ops_starts() { case $1 in "$2"*) return 0 ;; esac; return 1; }
ops_ends() { case $1 in *"$2") return 0 ;; esac; return 1; }
ops_number() {
  ops_bare "$1"
  ops_sign=+
  [ ${'${'}#ops_text} -le LONGEST ] || ops_text=none
  case $ops_text in
    -*) ops_sign=-; ops_text=${'${'}ops_text#?} ;;
    +*) ops_text=${'${'}ops_text#?} ;;
  esac
  case $ops_text in '' | . | *[!0-9.]* | *.*.*) ops_text=none ;; esac
  if [ "$ops_text" = none ]; then
    printf '%s is no number\n' "$2" >&2
    exit 2
  fi
  case $ops_text in *.*) ops_part=${'${'}ops_text#*.} ;; *) ops_part= ;; esac
  ops_whole=${'${'}ops_text%%.*}
  while :; do case $ops_whole in 0*) ops_whole=${'${'}ops_whole#0} ;; *) break ;; esac; done
  while :; do case $ops_part in *0) ops_part=${'${'}ops_part%0} ;; *) break ;; esac; done
  [ -n "$ops_whole$ops_part" ] || ops_sign=+
}
ops_digits() {
  ops_left=$1 ops_right=$2 ops_answer=0
  while [ -n "$ops_left$ops_right" ]; do
    ops_a=${'${'}ops_left%"${'${'}ops_left#?}"} ops_b=${'${'}ops_right%"${'${'}ops_right#?}"}
    ops_left=${'${'}ops_left#?} ops_right=${'${'}ops_right#?}
    if [ "${'${'}ops_a:-0}" -lt "${'${'}ops_b:-0}" ]; then ops_answer=1; return; fi
    if [ "${'${'}ops_a:-0}" -gt "${'${'}ops_b:-0}" ]; then ops_answer=2; return; fi
  done
}
ops_size() {
  if [ ${'${'}#1} -lt ${'${'}#3} ]; then ops_answer=1
  elif [ ${'${'}#1} -gt ${'${'}#3} ]; then ops_answer=2
  else
    ops_digits "$1" "$3"
    [ $ops_answer != 0 ] || ops_digits "$2" "$4"
  fi
}
ops_compare() {
  ops_number "$1" "$2"
  ops_s=$ops_sign ops_w=$ops_whole ops_p=$ops_part
  ops_number "$3" "$4"
  case $ops_s$ops_sign in
    ++) ops_size "$ops_w" "$ops_p" "$ops_whole" "$ops_part" ;;
    --) ops_size "$ops_whole" "$ops_part" "$ops_w" "$ops_p" ;;
    -+) ops_answer=1 ;;
    +-) ops_answer=2 ;;
  esac
}`.replaceAll('LONGEST', String(longestNumber))
