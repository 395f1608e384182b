import { openLiquid } from '../../shared/liquid.ts'

/** Says why a text is no template, with line and column, or undefined when it is one. */
export type TemplateCheck = (text: string) => string | undefined

/** Loads what templates are checked with. */
export async function openTemplateCheck(): Promise<TemplateCheck> {
  const liquid = await openLiquid()
  return text => {
    try {
      liquid.parse(text)
      return undefined
    } catch (error) {
      const said = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
      const [, problem = said, line, column] = /^(.*?)(?:, line:(\d+), col:(\d+))?$/.exec(said) ?? []
      return line === undefined
        ? `it is no Liquid: ${problem}`
        : `it is no Liquid, at line ${line}, column ${column}: ${problem}`
    }
  }
}
