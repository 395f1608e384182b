// The index.js of every bundle: runs the program beside it, with what V8 compiled of it in an earlier run where that is
// kept. Node's own compile cache is made before a program runs, so it has none of the functions that its start calls.
if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(`Node 24 or newer is needed, this is ${process.version}`)
  process.exit(1)
}
const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs')
const { Script } = process.getBuiltinModule('node:vm')

const filename = `${import.meta.dirname}/program.js`
// V8 itself refuses what another version or other options of it have made.
const kept = `${process.env.NODE_COMPILE_CACHE || `${import.meta.dirname}/.cache`}/program-${process.version}-${process.arch}`

const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData: keptData() })
// Of infra/warm.ts, which asks for it: at the end V8 knows which functions are called.
if (process.env.KEEP_COMPILED) process.once('exit', () => writeFileSync(kept, script.createCachedData()))
if (process.env.NODE_DEBUG === 'start')
  console.error(`Compiled before: ${script.cachedDataRejected === false}`)
script.runInThisContext()(builtin)

function keptData() {
  try {
    return readFileSync(kept)
  } catch {
    return undefined
  }
}

/** What require() is in a bundle: Node's own modules are all there is. */
function builtin(name) {
  const found = process.getBuiltinModule(name)
  if (found) return found
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' })
}
