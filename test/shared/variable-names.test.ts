import { describe, expect, it } from 'vitest'
import { variableNameProblem } from '../../shared/variable-names.ts'

describe('variableNameProblem()', () => {
  it.each(['node', 'NODE_NAME', '_x', 'a.b', 'disk-size', 'path', 'env', 'LDX', 'x'.repeat(128)])(
    'takes %s',
    name => {
      expect(variableNameProblem(name)).toBeUndefined()
    },
  )

  it.each([
    ...['PATH', 'LD_PRELOAD', 'LD_', 'BASH_ENV', 'ENV', 'IFS', 'NODE_OPTIONS', 'BASH_FUNC_ls'],
    ...['GIT_SSH_COMMAND', 'GIT_CONFIG_COUNT', 'JAVA_TOOL_OPTIONS', 'PYTHONUSERBASE', 'PERL5DB'],
    ...['PYTHONPATH', 'PYTHONSTARTUP', 'PERL5OPT', 'OPS_STEPS_CHECK_OUTPUT', 'PS4'],
    ...['TASK', 'TASKRUN', 'HOSTNAME', 'NAMESPACE', 'EVENT_CLUSTER', 'OPSSERVER_ENDPOINT'],
  ])('refuses %s, which means something to what runs the steps', name => {
    expect(variableNameProblem(name)).toMatch(/^cannot be set: the name means something/)
  })

  it.each(['', '1a', 'a b', 'a=b', 'ü', 'a\nb', 'a\0', '-a', '.a'])('refuses %j, which is no name', name => {
    expect(variableNameProblem(name)).toMatch(/^is no name/)
  })

  it('refuses a name that is very long', () => {
    expect(variableNameProblem('x'.repeat(129))).toMatch(/longer than 128/)
  })
})
