import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { inSpan } from '../../subgraphs/shared/trace';
import { fragmentsByName, type InternalOperation, withInternalNames } from '../planning/internalNames';
import { sizeOf } from '../planning/operationSize';
import { startPlanner } from '../planning/planner';
import { createQueryPlans } from '../planning/queryPlans';
import { fieldsRequiredWithArguments, type RequiredFields } from '../planning/requiredFields';
import { requestError } from '../requestErrors';
import { type AskSubgraph, executePlan } from './executePlan';
import type { Selection } from './selection';
import { selectionsByCondition } from './selectionsByCondition';
import { shapeResponse } from './shapeResponse';

/** A client's operation, valid by the graph's schema. */
interface ClientOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/** One version of the supergraph, ready to execute operations. */
export interface Graph {
  /** As clients see it. */
  schema: GraphQLSchema;
  /** @returns data and errors. @throws GraphQLError when the operation can't be planned. */
  execute(request: ClientOperation, ask: AskSubgraph): Promise<ExecutionResult>;
  /** The query plan as a text, for Sandbox. */
  describePlan(request: ClientOperation): Promise<string>;
  stop(): Promise<void>;
}

/** What is worked out once a document. */
interface Prepared {
  internal: InternalOperation;
  size: number;
  selectionFor(variables: Record<string, unknown>): Selection;
}

/** @throws Error when the supergraph can't be used. */
export async function createGraph(supergraphSdl: string): Promise<Graph> {
  const planner = await startPlanner(supergraphSdl);
  const supergraph = buildSchema(supergraphSdl, { assumeValidSDL: true });
  const schema = buildSchema(planner.apiSdl, { assumeValidSDL: true });
  const required = fieldsRequiredWithArguments(supergraph);
  const planFor = createQueryPlans(planner);
  /** Apollo Server keeps a document as long as it is asked for: what belongs to one of its operations goes with it. */
  const prepared = new WeakMap<OperationDefinitionNode, Prepared>();

  function prepare({ operation, document }: ClientOperation): Prepared {
    const known = prepared.get(operation);
    if (known) return known;
    refuseConflicts(document, required.conflicts);
    const internal = withInternalNames(document, operation, required.names);
    const source = { schema, fragments: fragmentsByName(document), keyOf: internal.keyOf };
    const made = {
      internal,
      size: sizeOf(operation, document, schema).planning,
      selectionFor: selectionsByCondition(operation, document, source),
    };
    prepared.set(operation, made);
    return made;
  }

  return {
    schema,
    async describePlan(request) {
      const { prettyFormatQueryPlan } = await import('@apollo/query-planner');
      const { internal, size } = prepare(request);
      return prettyFormatQueryPlan(await planFor(internal.text, size));
    },
    async execute(request, ask) {
      const { operation, variables } = request;
      const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
      if (!coerced) return { errors };
      const root = schema.getRootType(operation.operation);
      if (!root) throw new Error(`The schema has no ${operation.operation}`);

      const { internal, size, selectionFor } = prepare(request);
      const plan = await inSpan('plan', 'INTERNAL', {}, () => planFor(internal.text, size));
      const raw = await executePlan({
        plan,
        supergraph,
        variables: { given: internal.variables(variables), coerced: internal.variables(coerced) },
        ask,
      });
      const { data, faults } = shapeResponse(raw, {
        schema,
        root,
        selection: selectionFor(coerced),
      });
      const all = [...raw.errors, ...faults].map((error) => withClientNames(error, internal));
      return all.length > 0 ? { errors: all, data } : { data };
    },
    stop: () => planner.stop(),
  };
}

/** @throws GraphQLError BAD_USER_INPUT when it selects two fields of which the planner would answer one wrongly. */
function refuseConflicts(document: DocumentNode, conflicts: RequiredFields['conflicts']): void {
  if (conflicts.length === 0) return;
  const selected = new Set<string>();
  visit(document, { Field: ({ name }) => void selected.add(name.value) });
  const [conflict] = conflicts.filter((pair) => pair.every((name) => selected.has(name)));
  if (conflict) throw requestError('BAD_USER_INPUT', `Ask for ${conflict.join(' and ')} in operations of their own.`);
}

/** The planner's own alias for a field that is of other types in other objects. */
const PLANNERS_ALIAS = /__alias_\d+$/;

function withClientNames(
  { message, path, extensions }: GraphQLError,
  { responseNameOf }: InternalOperation,
): GraphQLError {
  const names = path?.map((key) => (typeof key === 'string' ? responseNameOf(key.replace(PLANNERS_ALIAS, '')) : key));
  return new GraphQLError(message, { path: names, extensions });
}
