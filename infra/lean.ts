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
  },
}
