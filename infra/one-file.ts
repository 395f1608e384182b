import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// Node's own modules are all that a program may ask for.
const require = `name=>{let found=process.getBuiltinModule(name);if(found)return found;throw Object.assign(new Error("Cannot find module '"+name+"'"),{code:'MODULE_NOT_FOUND'})}`

/**
 * What stands before a program in the one file that it becomes: a function that does nothing but hold it, and the
 * beginning of the one that it is itself. That is called where it stands, or V8 would read all of it twice.
 */
export const head = 'function program() {/*\n(async require=>{"use strict";'
/** What stands after it: the ends of both, and what runs it. */
export const foot = `})(${require})\n*/}\n${readFileSync(join(import.meta.dirname, 'starter.cjs'), 'utf8')}`

const end = '*/'
// As long, so that each character of the program keeps its place, which the source map tells; esbuild writes it nowhere.
const endInside = '*\u007f'
const hash = 'PROGRAM-HASH'

/** Of a program between `head` and `foot`, as it can lie in a comment. @throws RangeError if it could not be read back */
export function asComment(text: string): string {
  const program = text.slice(head.length, -foot.length)
  if (program.includes(endInside)) throw new RangeError(`A program cannot have "*\\u007f" in it`)
  const own = createHash('sha256').update(program).digest('hex').slice(0, hash.length)
  return head + program.replaceAll(end, endInside) + foot.replace(hash, own)
}
