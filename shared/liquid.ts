import type { Liquid } from 'liquidjs'

/**
 * The language of templates: Liquid without the tags that take in other templates, within bounds of time and memory,
 * and with nothing but what it is given. Loaded when it is first asked for: few processes ever see a template.
 */
export async function openLiquid(timeZone = 'UTC'): Promise<Liquid> {
  const { Liquid } = await import('liquidjs')
  const liquid = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    timezoneOffset: timeZone,
    // Nothing is looked up in a file: there are no other templates than the one in hand.
    templates: {},
    parseLimit: 65_536,
    renderLimit: 250,
    memoryLimit: 5_000_000,
  })
  for (const tag of ['include', 'render', 'layout', 'block']) delete liquid.tags[tag]
  return liquid
}
