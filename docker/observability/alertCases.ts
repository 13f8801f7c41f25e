/** Series by their values, in the notation of `promtool test rules`: one a minute, `0+5x40` is 0, 5, 10 … */
type Series = Record<string, string>;

interface AlertCase {
  /** After half an hour of these it fires. */
  fires: Series;
  /** After half an hour of these, which are near it, it does not. */
  silent: Series;
}

const GATEWAY = 'instance="gateway:9464",service="gateway"';
const ORDER = 'instance="order:3003",service="order"';
const OPERATIONS = `http_server_request_duration_seconds_count{${GATEWAY},http_route="/graphql"}`;
const OUTAGES = `graphql_errors_total{${GATEWAY},code="SERVICE_UNAVAILABLE"}`;
const MISTAKES = `graphql_errors_total{${GATEWAY},code="BAD_USER_INPUT"}`;
const steady = (value: number | string) => `${value}+0x40`;
const growing = (by: number) => `0+${by}x40`;

/** A histogram of 100 observations a minute, of which so many are above the limit. */
const slow = (name: string, labels: string, limit: number, above: number): Series => ({
  [`${name}_bucket{${labels},le="0.1"}`]: growing(100 - above),
  [`${name}_bucket{${labels},le="${limit}"}`]: growing(100 - above),
  [`${name}_bucket{${labels},le="10"}`]: growing(100),
  [`${name}_bucket{${labels},le="+Inf"}`]: growing(100),
});

/** One for each alert of alerts.yml. */
export const ALERT_CASES: Record<string, AlertCase> = {
  ServiceDown: {
    fires: { [`up{${ORDER}}`]: steady(0), [`up{${GATEWAY}}`]: steady(1) },
    // Restarted just now.
    silent: { [`up{${ORDER}}`]: '1+0x28 0 0 0' },
  },
  RestartLoop: {
    fires: { [`process_start_time_seconds{${ORDER}}`]: growing(60) },
    silent: { [`process_start_time_seconds{${ORDER}}`]: '1+0x25 2+0x20' },
  },
  RequestsFail: {
    fires: { [OPERATIONS]: growing(600), [OUTAGES]: growing(60) },
    silent: { [OPERATIONS]: growing(600), [OUTAGES]: growing(3), [MISTAKES]: growing(300) },
  },
  OperationsSlow: {
    fires: slow('graphql_operation_duration_seconds', GATEWAY, 2.5, 5),
    silent: slow('graphql_operation_duration_seconds', GATEWAY, 2.5, 0),
  },
  CircuitOpen: {
    fires: { [`subgraph_circuit_state{${GATEWAY},subgraph="order"}`]: steady(2) },
    silent: { [`subgraph_circuit_state{${GATEWAY},subgraph="order"}`]: steady(1) },
  },
  SubgraphCallsRejected: {
    fires: { [`subgraph_calls_rejected_total{${GATEWAY},subgraph="order"}`]: growing(10) },
    silent: { [`subgraph_calls_rejected_total{${GATEWAY},subgraph="order"}`]: steady(10) },
  },
  DatabaseUnavailable: {
    fires: { [`metrics_source_up{${ORDER},source="outbox"}`]: steady(0) },
    silent: { [`metrics_source_up{${ORDER},source="outbox"}`]: steady(1) },
  },
  ConnectionsExhausted: {
    fires: { [`db_client_connection_pending_requests{${ORDER}}`]: steady(3) },
    silent: { [`db_client_connection_pending_requests{${ORDER}}`]: '9+0x27 0 9 9 9' },
  },
  StatementsSlow: {
    fires: slow('db_client_operation_duration_seconds', `${ORDER},scope="tenant"`, 0.5, 5),
    // Background tasks may be slow.
    silent: slow('db_client_operation_duration_seconds', `${ORDER},scope="event_prune"`, 0.5, 50),
  },
  OutboxLags: {
    fires: { [`outbox_lag_seconds{${ORDER}}`]: steady(90) },
    silent: { [`outbox_lag_seconds{${ORDER}}`]: steady(20) },
  },
  EventsDead: {
    fires: { [`inbox_unapplied_events{${ORDER},status="DEAD"}`]: steady(1) },
    silent: { [`inbox_unapplied_events{${ORDER},status="WAITING"}`]: steady(9) },
  },
  SagasNeedAttention: {
    fires: { [`order_sagas_unfinished{${ORDER},state="NEEDS_ATTENTION"}`]: steady(1) },
    silent: { [`order_sagas_unfinished{${ORDER},state="UNDER_WAY"}`]: steady(50) },
  },
  CheckoutsRejected: {
    fires: { [`order_placements_rejected_total{${ORDER}}`]: growing(1) },
    silent: { [`order_placements_rejected_total{${ORDER}}`]: steady(100) },
  },
  WebhooksLag: {
    fires: { 'webhook_delivery_lag_seconds{instance="tenant:3001",service="tenant"}': steady(400) },
    silent: { 'webhook_delivery_lag_seconds{instance="tenant:3001",service="tenant"}': steady(200) },
  },
  TaskFails: {
    // Every five minutes, as a leased task is tried again.
    fires: { [`periodic_task_runs_total{${ORDER},task="a",outcome="failed"}`]: '0+0x4 1+0x4 2+0x4 3+0x4 4+0x4 5+0x20' },
    silent: { [`periodic_task_runs_total{${ORDER},task="a",outcome="failed"}`]: '0+0x4 1+0x40' },
  },
  EventLoopBlocked: {
    fires: { [`nodejs_eventloop_lag_p99_seconds{${ORDER}}`]: steady(0.5) },
    silent: { [`nodejs_eventloop_lag_p99_seconds{${ORDER}}`]: steady(0.05) },
  },
  GuessesThrottled: {
    fires: { [`guesses_throttled_total{${ORDER},kind="giftCard",limit="store"}`]: growing(10) },
    silent: { [`guesses_throttled_total{${ORDER},kind="giftCard",limit="address"}`]: growing(10) },
  },
};
