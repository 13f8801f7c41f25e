import type { ApolloServerPlugin } from '@apollo/server';
import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from '../../subgraphs/shared/metrics/requestMetrics';
import type { GatewayContext } from './context';

/** Clients choose the names, and each has a series of its own: later ones are counted together, as `other`. */
const MAX_NAMES = 200;

/** Measures each operation that a client may execute, and notes for the log what its answer's errors are. */
export function operationMetrics(registry: Registry): ApolloServerPlugin<GatewayContext> {
  const duration = new Histogram({
    name: 'graphql_operation_duration_seconds',
    help: `Duration of GraphQL operations; the first ${MAX_NAMES} names have series of their own`,
    labelNames: ['graphql_operation_type', 'graphql_operation_name'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  const names = new Set<string>();
  const labelOf = (name: string) => {
    if (names.size < MAX_NAMES) names.add(name);
    return names.has(name) ? name : 'other';
  };

  return {
    async requestDidStart({ contextValue }) {
      const begun = performance.now();
      return {
        async willSendResponse({ operation, response: { body } }) {
          if (body.kind !== 'single') return;
          const codes = body.singleResult.errors?.map(({ extensions }) => String(extensions?.code));
          if (codes) contextValue.operationLog.errors = [...new Set(codes)];
          // Of a caller who is known: whoever is refused before has no say in the names.
          if (!operation || contextValue.caller === null) return;
          const labels = {
            graphql_operation_type: operation.operation,
            graphql_operation_name: labelOf(operation.name?.value ?? 'anonymous'),
          };
          duration.observe(labels, (performance.now() - begun) / 1_000);
        },
      };
    },
  };
}
