import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { SubgraphError, SubgraphResult } from '../../subgraphs/shared/subgraphClient';
import { isObject, mergeInto, objectsAt, placesAt, type RawObject, representationOf, rewrite } from './rawData';

export interface SubgraphOperation {
  query: string;
  variables: Record<string, unknown>;
  /** Whether it changes nothing. */
  isQuery?: boolean;
}

/** Sends an operation to one subgraph. It does not throw for a subgraph that is down: that is an error of the result. */
export type AskSubgraph = (subgraph: string, operation: SubgraphOperation) => Promise<SubgraphResult>;

export interface PlannedRequest {
  plan: QueryPlan;
  /** The whole graph's types, also those that clients don't see. */
  supergraph: GraphQLSchema;
  /** The client's, as it sent them, and with the defaults of those that it left out. */
  variables: { given: Record<string, unknown>; coerced: Record<string, unknown> };
  ask: AskSubgraph;
}

/** What the subgraphs answered, under the keys of the plan: see shapeResponse.ts. */
export interface RawAnswer {
  data: RawObject;
  /** With paths of keys, in which `@` is each element of a list. */
  errors: GraphQLError[];
  /** Objects of which a subgraph says that there are none such, without an error. */
  unknown: WeakSet<object>;
}

/** Asks the subgraphs what a plan says, in its order; steps that don't need each other's answers at the same time. */
export async function executePlan({ plan, supergraph, variables, ask }: PlannedRequest): Promise<RawAnswer> {
  const answer: RawAnswer = { data: {}, errors: [], unknown: new WeakSet() };
  if (plan.node?.kind === 'Subscription') throw new Error('The gateway has no subscriptions');
  if (plan.node) await execute(plan.node, []);
  return answer;

  async function execute(node: PlanNode, path: readonly (string | number)[]): Promise<void> {
    switch (node.kind) {
      case 'Sequence':
        for (const step of node.nodes) await execute(step, path);
        return;
      case 'Parallel':
        await Promise.all(node.nodes.map((step) => execute(step, path)));
        return;
      case 'Flatten':
        return execute(node.node, [...path, ...node.path]);
      case 'Condition': {
        const branch = variables.coerced[node.condition] === true ? node.ifClause : node.elseClause;
        return branch && execute(branch, path);
      }
      case 'Fetch':
        return node.requires ? fetchEntities(node, node.requires, path) : fetchFields(node, path);
      case 'Defer':
        throw new Error('The gateway has no @defer');
    }
  }

  async function fetchFields(fetch: FetchNode, path: readonly (string | number)[]): Promise<void> {
    const { data, errors = [] } = await send(fetch, {});
    for (const error of errors) report(error, fetch, [...path, ...(error.path ?? [])]);
    if (!data) return;
    rewrite(supergraph, fetch.outputRewrites, data);
    for (const object of objectsAt(answer.data, path)) mergeInto(object, data);
  }

  async function fetchEntities(
    fetch: FetchNode,
    requires: NonNullable<FetchNode['requires']>,
    path: readonly (string | number)[],
  ): Promise<void> {
    const entities = objectsAt(answer.data, path).flatMap((object, index) => {
      const representation = representationOf(supergraph, object, requires);
      if (typeof representation?.__typename !== 'string') return [];
      rewrite(supergraph, fetch.inputRewrites, representation);
      return [{ object, index, representation }];
    });
    if (entities.length === 0) return;

    const representations = entities.map(({ representation }) => representation);
    const { data, errors = [] } = await send(fetch, { representations });
    const failed = new Set<unknown>();
    const places = errors.length > 0 ? placesAt(answer.data, path) : [];
    for (const error of errors) {
      const [, position, ...below] = error.path ?? [];
      const place = typeof position === 'number' ? places[entities[position]?.index ?? -1] : undefined;
      failed.add(place && position);
      report(error, fetch, place ? [...place, ...below] : [...path]);
    }

    const found = data?._entities;
    if (!Array.isArray(found) || found.length !== entities.length) {
      if (errors.length > 0) return;
      report({ message: `The ${fetch.serviceName} subgraph did not answer each entity` }, fetch, [...path]);
      return;
    }
    entities.forEach(({ object }, position) => {
      const entity: unknown = found[position];
      if (isObject(entity)) {
        entity.__typename ??= object.__typename;
        rewrite(supergraph, fetch.outputRewrites, entity);
        mergeInto(object, entity);
      } else if (!failed.has(position) && !failed.has(undefined)) {
        answer.unknown.add(object);
      }
    });
  }

  function send(fetch: FetchNode, more: Record<string, unknown>): Promise<SubgraphResult> {
    const used = (fetch.variableUsages ?? []).filter((name) => variables.given[name] !== undefined);
    const own = Object.fromEntries(used.map((name) => [name, variables.given[name]]));
    const isQuery = fetch.operationKind === 'query';
    return ask(fetch.serviceName, { query: fetch.operation, variables: { ...own, ...more }, isQuery });
  }

  function report({ message, extensions }: SubgraphError, { serviceName }: FetchNode, path: (string | number)[]): void {
    answer.errors.push(
      new GraphQLError(message, { path, extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', ...extensions, serviceName } }),
    );
  }
}
