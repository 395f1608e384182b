import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Plugin } from 'esbuild'

const undici = `
  export { default as Pool } from 'undici/lib/dispatcher/pool.js'
  export { default as buildConnector } from 'undici/lib/core/connect.js'
`

const require = createRequire(import.meta.url)

function late(path: string): string {
  const loaded = `require('${path}')`
  const names = Object.keys(require(path))
  const getters = names.map(name => `${name}: { enumerable: true, get: () => ${loaded}.${name} }`)
  // One of them is a function itself: assert(), which has nothing to do where it is given what is true.
  const itself = typeof require(path) === 'function' ? `(is, ...all) => is || ${loaded}(is, ...all)` : '{}'
  return `module.exports = Object.defineProperties(${itself}, { ${getters} })`
}

function required(path: string): string {
  const names = Object.keys(require(path)).filter(name => name !== 'default')
  const exported = names.map(name => `export const ${name} = /* @__PURE__ */ (() => all.${name})()`)
  return [`const all = require('${path}')`, 'export default all', ...exported].join('\n')
}

// For each property of a prototype V8 copies the table of those before, unless one of them was ever deleted.
const slow = (prototype: string) => `${prototype}.gone = 0; delete ${prototype}.gone`

function replaced(path: string, what: string, by: string): string {
  const text = readFileSync(path, 'utf8')
  if (!text.includes(what)) throw new Error(`"${what}" is no longer in ${path}`)
  return text.replace(what, by)
}

/** Keeps out of bundles what a process would load at its start and never use: a quarter of the time until it answers. */
export const lean: Plugin = {
  name: 'lean',
  setup({ onResolve, onLoad }) {
    // Modules of Node that are slow to load, and used where a connection is of their kind: loaded by the first use.
    onResolve({ filter: /^(node:)?(tls|https|http2|assert|(dns|fs)[/]promises)$/ }, ({ path, namespace }) =>
      namespace === 'late' ? { path, external: true } : { path, namespace: 'late' },
    )
    onLoad({ filter: /^/, namespace: 'late' }, ({ path }) => ({ contents: late(path) }))
    onResolve({ filter: /[/]client-h2\.js$/ }, ({ path, resolveDir, pluginData }) =>
      pluginData === 'itself' ? undefined : { path, namespace: 'late-h2', pluginData: resolveDir },
    )
    onLoad({ filter: /^/, namespace: 'late-h2' }, ({ path, pluginData }) => ({
      contents: `module.exports = (...all) => require('${path}')(...all)`,
      resolveDir: pluginData,
      pluginData: 'itself',
    }))
    // An import reads all that such a module has, and for one of it Node loads its own fetch, for others WebCrypto,
    // workers or streams of files; so does esbuild for what was required. Only what is used is read here.
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    )
    onLoad({ filter: /^/, namespace: 'required' }, ({ path }) => ({ contents: required(path) }))
    // Parsers that zod writes and compiles for each object that it meets pay where thousands are read, and no start does.
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]core[/\\]core\.js$/ }, ({ path }) => ({
      contents: `globalThis.__zod_globalConfig = { jitless: true }\n${readFileSync(path, 'utf8')}`,
    }))
    // Hundreds of methods that are put on prototypes one by one.
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]core[/\\]util\.js$/ }, ({ path }) => ({
      contents: replaced(path, 'for (const key in table) {', `${slow('proto')}\nfor (const key in table) {`),
    }))
    onLoad({ filter: /[/\\]ioredis[/\\]built[/\\]utils[/\\]Commander\.js$/ }, ({ path }) => ({
      contents: replaced(path, 'commands.forEach(', `${slow('Commander.prototype')}\ncommands.forEach(`),
    }))
    // Of a namespace that another module hands on nothing is left out.
    onLoad({ filter: /[/\\](functions|shared)[/\\].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("import { z } from 'zod'", "import * as z from 'zod'"),
      loader: 'ts',
    }))
    // What zod says in fifty languages: a third of it.
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({ contents: 'export {}' }))
    // Its index loads everything it has. What is imported and not named above fails the build.
    onResolve({ filter: /^undici$/ }, ({ path, kind, resolveDir }) =>
      kind === 'import-statement' ? { path, namespace: 'parts', pluginData: resolveDir } : undefined,
    )
    onLoad({ filter: /^/, namespace: 'parts' }, ({ pluginData }) => ({
      contents: undici,
      resolveDir: pluginData,
    }))
    // Asked of every connection, and answered by loading all of TLS.
    onLoad({ filter: /[/\\]@nats-io[/\\]transport-node[/\\]lib[/\\]node_transport\.js$/ }, ({ path }) => ({
      contents: replaced(
        path,
        'this.socket instanceof node_tls_1.TLSSocket',
        'this.socket.encrypted === true',
      ),
    }))
    // What asks a cluster of Redis: ours is one.
    onLoad({ filter: /[/\\]ioredis[/\\]built[/\\]cluster[/\\]index\.js$/ }, () => ({
      contents: 'exports.default = undefined',
    }))
    // For 22 bytes at random it would load all of WebCrypto.
    onLoad({ filter: /[/\\]@nats-io[/\\]nuid[/\\]lib[/\\]nuid\.js$/ }, ({ path }) => ({
      contents: `const globalThis = { crypto: { getRandomValues: require('node:crypto').randomFillSync } }\n${readFileSync(path, 'utf8')}`,
    }))
    // What ioredis would say to DEBUG, for which it looks at the terminal.
    onResolve({ filter: /^debug$/ }, ({ path }) => ({ path, namespace: 'silent' }))
    onLoad({ filter: /^/, namespace: 'silent' }, () => ({
      contents: 'module.exports.default = () => () => {}',
    }))
    // Compiled parts of ssh2, which goes without them: nothing of ours lies beside a bundle.
    onResolve({ filter: /^cpu-features$|sshcrypto\.node$/ }, ({ path }) => ({ path, namespace: 'left-out' }))
    onLoad({ filter: /^/, namespace: 'left-out' }, ({ path }) => ({
      contents: `throw new Error('${path} is left out')`,
    }))
    // Both ask for their folder, which an ES module does not know, for what is needed in browsers and on Windows only.
    onLoad({ filter: /[/\\]ssh2[/\\]lib[/\\](agent|protocol[/\\]crypto[/\\]poly1305)\.js$/ }, ({ path }) => ({
      contents: `const __dirname = ''\n${readFileSync(path, 'utf8')}`,
    }))
  },
}
