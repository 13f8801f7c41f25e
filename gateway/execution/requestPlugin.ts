import type { ApolloServerPlugin, HTTPGraphQLHead } from '@apollo/server';
import { type FormattedExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Caller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import { type FindAppToken, limitedAddressOf } from '../caller/appTokens';
import type { IdentifyCaller } from '../caller/identifyCaller';
import { refuseAboveLimit } from '../limits/costLimit';
import { settleCost } from '../limits/operationCost';
import { costOfOperation } from '../limits/queryCost';
import type { Charge, RateLimits } from '../limits/rateLimits';
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
  findAppToken: FindAppToken,
  rateLimits: RateLimits,
  logImpersonated: ReturnType<typeof createImpersonationLog>,
  log: Logger,
): ApolloServerPlugin<GatewayContext> {
  /** By the buyer's address that a storefront passes on; a request that has no right to is counted for whoever sends it. */
  async function limitAddress(context: GatewayContext, cost: number, charges: Charge[]): Promise<void> {
    try {
      await rateLimits.limitAddress(await limitedAddressOf(context, findAppToken), cost, charges);
    } catch (error) {
      if (charges.length === 0) await rateLimits.limitAddress(context.address, cost, charges);
      throw error;
    }
  }

  return {
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      log.error({ requestId: requestContext.contextValue.requestId, err: error }, 'request failed');
    },

    async requestDidStart({ contextValue: context }) {
      return {
        async didResolveOperation({ schema, document, operation, request, queryHash }) {
          context.operationLog.hash = queryHash;
          if (!operation) throw noSuchOperation();
          if (!schema.getRootType(operation.operation)) throw noSuchKind(operation.operation);
          context.operationLog.operation = operation.name?.value ?? null;
          const charges: Charge[] = [];
          if (splitIntrospection(document, operation).data === null) {
            context.cost = { requested: INTROSPECTION_COST, fixed: INTROSPECTION_COST, charges };
            await limitAddress(context, INTROSPECTION_COST, charges);
            return;
          }
          const variables = request.variables ?? {};
          const size = sizeOf(operation, document, schema);
          limitPlanning(size, null);
          const fixed = fixedCostOf(size);
          const cost = costOfOperation(operation, { schema, document, variables }) + fixed;
          context.cost = { requested: cost, fixed, charges };
          context.operationLog.cost = cost;
          refuseAboveLimit(cost, operation, { schema, document, variables });
          await limitAddress(context, cost, charges);
          const { caller, costPerMinute } = await identifyCaller(context);
          Object.assign(context.operationLog, logFieldsOf(caller));
          limitPlanning(size, caller.role);
          await rateLimits.limitCaller(caller, costPerMinute, cost, charges);
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
          if (context.cost) {
            // Of introspection nothing is given back: its cost is that of the work, not of the answer.
            const data = context.caller === null ? null : (result.data ?? {});
            result.extensions = { ...result.extensions, cost: await settleCost(context.cost, data) };
          }
        },
      };
    },
  };
}

/** What may be asked again as it is, once Retry-After has passed. */
const RETRYABLE: ReadonlySet<unknown> = new Set(['THROTTLED', 'SERVICE_UNAVAILABLE']);

/**
 * HTTP 429, or 503, with Retry-After when nothing at all was answered, because of overload (load shedding), too many wrong guesses, or a
 * subgraph that is down. Such an answer has no data: by GraphQL over HTTP one with data is a 200.
 */
function setRetryAfter(result: FormattedExecutionResult, http: HTTPGraphQLHead): void {
  const { data, errors = [] } = result;
  const codes = new Set(errors.map(({ extensions }) => extensions?.code));
  if (codes.size === 0 || [...codes].some((code) => !RETRYABLE.has(code))) return;
  // A field that is null without an error of its own is an answer: there is no such object.
  const failed = ([name, value]: [string, unknown]) =>
    value === null && errors.some(({ path }) => path === undefined || path[0] === name);
  if (!Object.entries(data ?? {}).every(failed)) return;
  delete result.data;
  http.status = codes.has('SERVICE_UNAVAILABLE') ? 503 : 429;
  http.headers.set('retry-after', String(Math.max(1, ...errors.map(waitOf))));
}

const waitOf = ({ extensions }: GraphQLFormattedError) => Number(extensions?.retryAfter ?? 1);

/** The query cost charged for introspection: the work for the largest introspection query. */
const INTROSPECTION_COST = 1_000;

const logFieldsOf = ({ tenantId, userId, role, impersonatorId }: Caller) => ({
  tenantId,
  userId,
  role,
  ...(impersonatorId !== null && { impersonatorId }),
});

function noSuchOperation(): GraphQLError {
  return new GraphQLError('Name one of the operations of the document in operationName.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } },
  });
}

/** graphql-js validates no such operation, and the planner would throw. */
function noSuchKind(kind: string): GraphQLError {
  return new GraphQLError(`This API has no ${kind}s.`, {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } },
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
