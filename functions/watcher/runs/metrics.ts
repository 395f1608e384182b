import { Counter, Gauge, type Registry } from 'prom-client'
import { Order } from '../../../shared/orders.ts'

/** What is counted of runs. */
export type RunMetrics = {
  /** This replica has put an order on the bus. */
  ordered(order: Order['order']): void
  /** So many runs were missed, and this replica told it. */
  missed(runs: number): void
}

/** Registers the metrics of runs; `schedules` is how many crontabs are in force. */
export function runMetrics(registry: Registry, schedules: () => number): RunMetrics {
  const registers = [registry]
  new Gauge({
    name: 'ops_watcher_schedules',
    help: 'TaskRuns and PipelineRuns whose crontab is in force',
    registers,
    collect() {
      this.set(schedules())
    },
  })
  const orders = new Counter({
    name: 'ops_watcher_orders_total',
    help: 'Orders that this replica put on the bus, by what is to be done; those that another one was quicker with are not counted',
    labelNames: ['order'] as const,
    registers,
  })
  const missed = new Counter({
    name: 'ops_watcher_missed_runs_total',
    help: 'Runs by crontab that were skipped since nobody could start them, as this replica told',
    registers,
  })
  for (const { shape } of Order.options) for (const order of shape.order.values) orders.inc({ order }, 0)
  return { ordered: order => orders.inc({ order }), missed: runs => missed.inc(runs) }
}
