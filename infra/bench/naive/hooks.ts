import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Hooks = z.array(
  z.object({
    id: z.string(),
    subject: z.string(),
    include: z.array(z.string()),
    exclude: z.array(z.string()),
    url: z.string(),
  }),
)

/** The hooks of the naive functions, from the JSON file that NAIVE_HOOKS names. */
export const readHooks = () => Hooks.parse(JSON.parse(readFileSync(process.env.NAIVE_HOOKS ?? '', 'utf8')))
