// Given to every step by ourselves; and those by which a value would be code, or another program run than the one meant.
const reserved = new Set([
  ...['TASK', 'TASKRUN', 'HOSTNAME', 'NAMESPACE', 'EVENT_CLUSTER', 'OPSSERVER_ENDPOINT'],
  ...['PATH', 'BASH_ENV', 'ENV', 'IFS', 'SHELLOPTS', 'BASHOPTS', 'PS4', 'PROMPT_COMMAND', 'NODE_OPTIONS'],
  ...['HOME', 'CDPATH', 'GLOBIGNORE', 'PAGER', 'EDITOR', 'VISUAL', 'MAKEFLAGS', 'AWKPATH', 'AWKLIBPATH'],
  ...['PYTHONINSPECT', 'PYTHONWARNINGS', 'PERLLIB', 'NODE_PATH', 'GIT_PAGER', 'OPS_EVENTS_RUN'],
  ...['PYTHONPATH', 'PYTHONSTARTUP', 'PYTHONHOME', 'PYTHONUSERBASE', 'PYTHONBREAKPOINT'],
  ...[
    'PERL5OPT',
    'PERL5LIB',
    'PERL5DB',
    'RUBYOPT',
    'RUBYLIB',
    'ZDOTDIR',
    'GCONV_PATH',
    'LESSOPEN',
    'LESSCLOSE',
  ],
  ...['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS', 'OPENSSL_CONF', 'OPENSSL_ENGINES'],
  ...['GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_PROXY_COMMAND', 'GIT_EXTERNAL_DIFF', 'GIT_ASKPASS', 'SSH_ASKPASS'],
])
const reservedPrefix = /^(LD_|BASH_FUNC_|GIT_CONFIG|OPS_STEPS_|OPS_VAR_|OPS_SET_)/
const shape = /^[A-Za-z_][A-Za-z0-9_.-]*$/
const mostCharacters = 128

/** Does the name mean something to what runs the steps of a Task, so that no variable may have it? */
export const isReserved = (name: string): boolean => reserved.has(name) || reservedPrefix.test(name)

/** Why a variable cannot have this name, to go on behind it: `is no name …`; undefined when it can. */
export function variableNameProblem(name: string): string | undefined {
  if (name.length > mostCharacters) return `has a name longer than ${mostCharacters} characters`
  if (!shape.test(name)) return 'is no name of a variable: letters, digits and "_.-", a letter or "_" first'
  return isReserved(name)
    ? 'cannot be set: the name means something to what runs the steps; take another one'
    : undefined
}
