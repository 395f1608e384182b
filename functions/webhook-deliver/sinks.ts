import type { SinkType } from '../../shared/receivers.ts'
import type { Sink } from './sink.ts'
import { alertmanager } from './sinks/alertmanager.ts'
import { dingtalk } from './sinks/dingtalk.ts'
import { discord } from './sinks/discord.ts'
import { elasticsearch } from './sinks/elasticsearch.ts'
import { feishu } from './sinks/feishu.ts'
import { pagerduty } from './sinks/pagerduty.ts'
import { slack } from './sinks/slack.ts'
import { teams } from './sinks/teams.ts'
import { telegram } from './sinks/telegram.ts'
import { webhook } from './sinks/webhook.ts'
import { wecom } from './sinks/wecom.ts'
import { xiezuo } from './sinks/xiezuo.ts'

/** The kinds of receivers: a further one is its file, its row, and its row in shared/receivers.ts. */
export const sinks = {
  webhook,
  xiezuo,
  elasticsearch,
  slack,
  dingtalk,
  feishu,
  wecom,
  teams,
  discord,
  telegram,
  pagerduty,
  alertmanager,
} satisfies Record<SinkType, Sink>
