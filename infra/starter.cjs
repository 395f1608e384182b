// Below the program in every index.js, which is text of a comment above: Node does not parse it, and V8 hands it out as
// what the function that it stands in is written like. It is run with what V8 compiled of it in an earlier run, where that
// is kept: Node's own compile cache is made before a program runs, so it has none of the functions that a start calls.
// Node takes this as a module of either kind, so a package.json beside it may say either, or be missing.
if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(`Node 24 or newer is needed, this is ${process.version}`)
  process.exit(1)
}
const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs')
const { dirname } = process.getBuiltinModule('node:path')
const { Script } = process.getBuiltinModule('node:vm')

const filename = typeof __filename === 'string' ? __filename : process.argv[1]
const text = program.toString().slice('function program() {/*\n'.length, -'\n*/}'.length)
// V8 itself refuses what another version or other options of it have made; a program it knows by its length only.
const kept = `${process.env.NODE_COMPILE_CACHE || `${dirname(filename)}/.cache`}/program-PROGRAM-HASH-${process.version}-${process.arch}`

const source = text.replaceAll('*\u007f', '*/')
const script = new Script(source, { filename, lineOffset: 1, cachedData: keptData() })
// Of infra/warm.ts, which asks for it: at the end V8 knows which functions are called.
if (process.env.KEEP_COMPILED) process.once('exit', () => writeFileSync(kept, script.createCachedData()))
if (process.env.NODE_DEBUG === 'start')
  console.error(`Compiled before: ${script.cachedDataRejected === false}`)
script.runInThisContext()

function keptData() {
  try {
    return readFileSync(kept)
  } catch {
    return undefined
  }
}
