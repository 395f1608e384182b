import { z } from 'zod'
import { Time } from './time.ts'

/** How a run stands. `Successed` is how the older system spells it, and what existing rules match. */
export const RunStatus = z.enum(['Running', 'Successed', 'Failed', 'Aborted', 'DataInValid', 'Dispatched'])
export type RunStatus = z.infer<typeof RunStatus>

/** What TaskRuns and PipelineRuns have in common: what for, with what, and when. */
export const runFields = {
  desc: z.string().optional().describe('What it is for'),
  variables: z.record(z.string(), z.string()).optional().describe('Values of variables, by name'),
  crontab: z
    .string()
    .optional()
    .describe('When it is due: five fields, @hourly and the like, or @every 5m; without it, once'),
  timeZone: z.string().optional().describe('IANA name of the time zone of the crontab'),
  suspend: z.boolean().default(false).describe('Whether the crontab rests'),
  concurrencyPolicy: z
    .enum(['Forbid', 'Allow', 'Replace'])
    .default('Forbid')
    .describe('What happens when it is due while its last run still runs'),
  startingDeadlineSeconds: z.int().min(0).optional().describe('A run that was missed starts up to so late'),
  successfulRunsHistoryLimit: z.int().min(0).optional().describe('How many runs that went well are kept'),
  failedRunsHistoryLimit: z.int().min(0).optional().describe('How many other runs are kept'),
}

/** What the status of either says beside how it stands. */
export const runStatusFields = {
  deadline: Time.optional().describe('What has not ended by then is ended, and has failed'),
  lastScheduleTime: Time.optional().describe('Of one with a crontab: the latest due time that was acted on'),
  ttlSecondsAfterFinished: z
    .int()
    .min(0)
    .optional()
    .describe('For so long it is kept when it has ended, as its Task or Pipeline said when it started'),
}
