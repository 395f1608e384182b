import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

const undici = `
  export { default as Pool } from 'undici/lib/dispatcher/pool.js'
  export { default as buildConnector } from 'undici/lib/core/connect.js'
`

/** Keeps out of bundles what a process would load at its start and never use: a quarter of the time until it answers. */
export const lean: Plugin = {
  name: 'lean',
  setup({ onResolve, onLoad }) {
    // An import reads all that node:http has, and for one of it Node loads its own fetch; require() reads nothing.
    onResolve({ filter: /^node:http$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    )
    onLoad({ filter: /^/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
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
