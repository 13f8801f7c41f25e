import type { ApolloServerPlugin, HTTPGraphQLHead } from '@apollo/server';
import { type DocumentNode, type FormattedExecutionResult, GraphQLError, Kind, type SelectionSetNode } from 'graphql';
import type { Caller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import type { IdentifyCaller } from '../caller/identifyCaller';
import type { Budgets } from '../limits/budgets';
import { refuseCostly } from '../limits/queryCost';
import { isPublic } from './clientErrors';
import type { GatewayContext } from './context';
import type { createImpersonationLog } from './impersonationLog';

/**
 * What happens to each operation around its execution: the caller is proven once, before any of it runs, so that a
 * refusal is one error of the whole request; what clients don't get to read is logged; errors get the request id.
 */
export function requestPlugin(
  identifyCaller: IdentifyCaller,
  budgets: Budgets,
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
          context.line.operation = operation.name?.value ?? null;
          if (isIntrospection(operation.selectionSet, document)) {
            await budgets.spendOfAddress(context.address, INTROSPECTION_COST);
            return;
          }
          const variables = request.variables ?? {};
          const cost = refuseCostly(operation, { schema, document, variables });
          await budgets.spendOfAddress(context.address, cost);
          const { caller, costPerMinute } = await identifyCaller(context.headers, context.requestId);
          Object.assign(context.line, lineOf(caller));
          await budgets.spendOfCaller(caller, costPerMinute, cost);
          await logImpersonated(caller, { operation, document, variables });
          context.caller = caller;
        },

        async didEncounterErrors({ errors }) {
          for (const error of errors) logHidden(error, context.requestId, log);
        },

        async willSendResponse({ response: { body, http } }) {
          if (body.kind !== 'single') return;
          const result = body.singleResult;
          askBack(result, http);
          for (const error of result.errors ?? [])
            Object.assign(error.extensions ?? {}, { requestId: context.requestId });
          // A subgraph left out a field that must not be null: the gateway reports that here, past the masking.
          const faults = result.extensions?.valueCompletion;
          if (faults) {
            log.error({ requestId: context.requestId, faults }, 'incomplete data of a subgraph');
            delete result.extensions;
          }
        },
      };
    },
  };
}

/** Where nothing of a request was done because a subgraph has too much to do, HTTP says so, too, and when to come back. */
function askBack({ data, errors = [] }: FormattedExecutionResult, http: HTTPGraphQLHead): void {
  const waits = errors.map(({ extensions }) => Number(extensions?.retryAfter));
  if (data || waits.length === 0 || waits.some(Number.isNaN)) return;
  http.status = 429;
  http.headers.set('retry-after', String(Math.max(...waits)));
}

/** About what it takes to answer the largest one. */
const INTROSPECTION_COST = 1_000;

const lineOf = ({ tenantId, userId, impersonatorId }: Caller) => ({
  tenantId,
  userId,
  ...(impersonatorId !== null && { impersonatorId }),
});

function noSuchOperation(): GraphQLError {
  return new GraphQLError('Name one of the operations of the document in operationName.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } },
  });
}

/**
 * Whether an operation asks about the schema only. It needs no caller, for it reaches no subgraph. Each fragment is looked
 * into once: fragments that spread each other twice would otherwise double the work with every one of them.
 */
function isIntrospection(selections: SelectionSetNode, document: DocumentNode, seen: Set<string> = new Set()): boolean {
  return selections.selections.every((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value.startsWith('__');
    if (selection.kind === Kind.INLINE_FRAGMENT) return isIntrospection(selection.selectionSet, document, seen);
    if (seen.has(selection.name.value)) return true;
    seen.add(selection.name.value);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION && isIntrospection(fragment.selectionSet, document, seen);
  });
}

/** What the client reads instead says nothing, so the log has to. The reason of a refusal is of use when looking for one. */
function logHidden(error: GraphQLError, requestId: string, log: Logger): void {
  const { code, serviceName, reason } = error.extensions;
  if (!isPublic(error))
    log.error({ requestId, subgraph: serviceName, reason, err: error }, 'error hidden from the client');
  else if (code === 'SERVICE_UNAVAILABLE' && reason) log.warn({ requestId, reason }, 'refused: service unavailable');
  else if (reason) log.debug({ requestId, code, reason }, 'refused');
}
