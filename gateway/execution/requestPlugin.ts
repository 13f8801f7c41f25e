import type { ApolloServerPlugin, HTTPGraphQLHead } from '@apollo/server';
import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import type { Caller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import type { IdentifyCaller } from '../caller/identifyCaller';
import { limitedCostOf } from '../limits/queryCost';
import type { RateLimits } from '../limits/rateLimits';
import { fixedCostOf, limitPlanning } from '../limits/sizeLimit';
import { sizeOf } from '../planning/operationSize';
import { isPublic } from './clientErrors';
import type { GatewayContext } from './context';
import type { createImpersonationLog } from './impersonationLog';
import { splitIntrospection } from './introspection';
import { variableFaults } from './variables';

/**
 * The steps around the execution of each operation. Before: query cost, rate limits, the caller, the log of impersonated mutations; a
 * failure is one error of the whole request. After: errors that clients may not read are logged, and each error gets the request id.
 */
export function requestPlugin(
  identifyCaller: IdentifyCaller,
  rateLimits: RateLimits,
  logImpersonated: ReturnType<typeof createImpersonationLog>,
  log: Logger,
): ApolloServerPlugin<GatewayContext> {
  return {
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      log.error({ requestId: requestContext.contextValue.requestId, err: error }, 'request failed');
    },

    async requestDidStart({ contextValue: context }) {
      return {
        async didResolveOperation({ schema, document, operation, request }) {
          if (!operation) throw noSuchOperation();
          context.operationLog.operation = operation.name?.value ?? null;
          if (splitIntrospection(document, operation).data === null) {
            await rateLimits.limitAddress(context.address, INTROSPECTION_COST);
            return;
          }
          const variables = request.variables ?? {};
          const size = sizeOf(operation, document, schema);
          limitPlanning(size, null);
          const cost = limitedCostOf(operation, { schema, document, variables }) + fixedCostOf(size);
          await rateLimits.limitAddress(context.address, cost);
          const { caller, costPerMinute } = await identifyCaller(context.headers, context.requestId);
          Object.assign(context.operationLog, logFieldsOf(caller));
          limitPlanning(size, caller.role);
          await rateLimits.limitCaller(caller, costPerMinute, cost);
          // With wrong variables it is not executed.
          if (caller.impersonatorId !== null && variableFaults({ schema, document, operation, variables }).length === 0)
            await logImpersonated(caller, { operation, document, variables });
          context.caller = caller;
        },

        async didEncounterErrors({ errors }) {
          for (const error of errors) logHidden(error, context.requestId, log);
        },

        async willSendResponse({ response: { body, http } }) {
          if (body.kind !== 'single') return;
          const result = body.singleResult;
          setRetryAfter(result, http);
          for (const error of result.errors ?? [])
            Object.assign(error.extensions ?? {}, { requestId: context.requestId });
        },
      };
    },
  };
}

/** HTTP 429, or 503, with Retry-After when the whole request was rejected because of overload (load shedding). */
function setRetryAfter({ data, errors = [] }: FormattedExecutionResult, http: HTTPGraphQLHead): void {
  const waits = errors.map(({ extensions }) => Number(extensions?.retryAfter));
  const isAnswered = Object.values(data ?? {}).some((value) => value !== null);
  if (isAnswered || waits.length === 0 || waits.some(Number.isNaN)) return;
  http.status = errors.every(({ extensions }) => extensions?.code === 'THROTTLED') ? 429 : 503;
  http.headers.set('retry-after', String(Math.max(...waits)));
}

/** The query cost charged for introspection: the work for the largest introspection query. */
const INTROSPECTION_COST = 1_000;

const logFieldsOf = ({ tenantId, userId, impersonatorId }: Caller) => ({
  tenantId,
  userId,
  ...(impersonatorId !== null && { impersonatorId }),
});

function noSuchOperation(): GraphQLError {
  return new GraphQLError('Name one of the operations of the document in operationName.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } },
  });
}

/** Logs the original of a masked error, which the client does not see, and the reason of a public one. */
function logHidden(error: GraphQLError, requestId: string, log: Logger): void {
  const { code, serviceName, reason } = error.extensions;
  if (!isPublic(error))
    log.error({ requestId, subgraph: serviceName, reason, err: error }, 'error hidden from the client');
  else if (code === 'SERVICE_UNAVAILABLE' && reason) log.warn({ requestId, reason }, 'service unavailable');
  else if (reason) log.debug({ requestId, code, reason }, 'request rejected');
}
