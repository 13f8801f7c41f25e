import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Caller } from '../../subgraphs/shared/caller';
import { type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import { dependencyUnavailable } from '../requestErrors';

interface Operation {
  operation: OperationDefinitionNode;
  document: DocumentNode;
  variables: Record<string, unknown>;
}

/** A mutation that is about to be executed during impersonation, and the ids in its arguments. */
export interface Action {
  mutation: string;
  subjectIds: string[];
}

/** A TypeID or a Clerk id: see subgraphs/shared/ids.ts. Logging a text that only looks like an id does no harm. */
const ID = /^[a-z]{2,6}_[0-9A-Za-z]{10,64}$/;
const MAX_IDS = 100;

const RECORD = `mutation ImpersonatedActions($actions: [ImpersonatedActionInput!]!) {
  recorded: impersonatedActionsRecord(actions: $actions)
}`;

/**
 * Audit log of impersonation: the tenant subgraph records each impersonated mutation, for the store's staff to read, before it is
 * executed. @throws GraphQLError SERVICE_UNAVAILABLE when it can't be recorded: then the mutation is not executed.
 */
export function createImpersonationLog(tenantSubgraph: SubgraphClient) {
  return async (caller: Caller, request: Operation): Promise<void> => {
    if (caller.impersonatorId === null || request.operation.operation !== OperationTypeNode.MUTATION) return;
    const actions = actionsOf(request);
    try {
      const { data } = await tenantSubgraph.execute({ query: RECORD, variables: { actions } }, caller);
      if (data?.recorded !== actions.length)
        throw new SubgraphUnavailable('tenant', 'impersonated actions not recorded');
    } catch (error) {
      throw error instanceof SubgraphUnavailable ? dependencyUnavailable(error.reason) : error;
    }
  };
}

/** All mutations of an operation, including those that @skip or @include may omit. */
export function actionsOf({ operation, document, variables }: Operation): Action[] {
  return rootFields(operation.selectionSet, document, new Set()).map(({ name, arguments: args = [] }) => {
    const ids = new Set<string>();
    for (const { value } of args) collectIds(valueFromASTUntyped(value, variables), ids);
    return { mutation: name.value, subjectIds: [...ids].slice(0, MAX_IDS) };
  });
}

/** Each fragment is visited once: otherwise fragments that spread each other twice would take exponential time. */
function rootFields({ selections }: SelectionSetNode, document: DocumentNode, seen: Set<string>): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(selection.selectionSet, document, seen);
    if (seen.has(selection.name.value)) return [];
    seen.add(selection.name.value);
    return document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value
        ? rootFields(definition.selectionSet, document, seen)
        : [],
    );
  });
}

function collectIds(value: unknown, ids: Set<string>): void {
  if (typeof value === 'string' && ID.test(value)) ids.add(value);
  if (value !== null && typeof value === 'object') for (const inner of Object.values(value)) collectIds(inner, ids);
}
