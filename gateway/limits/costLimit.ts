import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLError,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { requestError } from '../requestErrors';
import { costOfField, lengthOf, MAX_COST, type Operation, typeNamed } from './queryCost';

/** As deep as a path is followed: what is below has been found to be dear. */
const MAX_DEPTH = 12;

/** @throws GraphQLError BAD_USER_INPUT above MAX_COST, which names where most of the cost arises. */
export function refuseAboveLimit(cost: number, operation: OperationDefinitionNode, of: Operation): void {
  if (cost > MAX_COST) throw tooDear(cost, operation, of);
}

function tooDear(cost: number, operation: OperationDefinitionNode, of: Operation): GraphQLError {
  const most = dearestPath(cost, operation, of);
  const error = requestError(
    'BAD_USER_INPUT',
    `The operation costs ${figure(cost)}; expected at most ${figure(MAX_COST)}. The dearest part is ${most.path.join('.')}, ${figure(most.cost)}: ask for shorter lists.`,
  );
  return Object.assign(error, { path: most.path });
}

const figure = (cost: number) => (Number.isFinite(cost) ? cost.toLocaleString('en') : 'too much');

/** The dearest field, and below it the next one that selects something, as long as it has half of the whole cost. By response names. */
function dearestPath(total: number, operation: OperationDefinitionNode, of: Operation) {
  const fragments = new Map<string, number>();
  const path: string[] = [];
  let below: { selections: SelectionSetNode; parent: GraphQLCompositeType; times: number } | null = {
    selections: operation.selectionSet,
    parent: of.schema.getRootType(operation.operation) as GraphQLCompositeType,
    times: 1,
  };
  let cost = 0;
  while (below && path.length < MAX_DEPTH) {
    const { times } = below;
    const fields = fieldsOf(below.selections, below.parent, of)
      .filter(({ node }) => path.length === 0 || node.selectionSet)
      .map((field) => ({ ...field, cost: times * costOfField(field.node, field.parent, of, fragments) }));
    const dearest = maxBy(fields, (field) => field.cost);
    if (!dearest || (path.length > 0 && dearest.cost < total / 2)) break;
    path.push(dearest.node.alias?.value ?? dearest.node.name.value);
    cost = dearest.cost;
    below = inside(dearest, times, of);
  }
  return { path, cost };
}

/** The first of those that are equal. */
const maxBy = <Item>(items: Item[], of: (item: Item) => number): Item | undefined =>
  items.reduce<Item | undefined>((max, item) => (max === undefined || of(item) > of(max) ? item : max), undefined);

interface SelectedField {
  node: FieldNode;
  parent: GraphQLCompositeType;
}

/** What a field selects, and how often; null for one that selects nothing. */
function inside({ node, parent }: SelectedField, times: number, of: Operation) {
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
  const type = field && getNamedType(field.type);
  if (!field || !node.selectionSet || !isCompositeType(type)) return null;
  return { selections: node.selectionSet, parent: type, times: times * lengthOf(node, field, parent, of) };
}

/** Also those of fragments, each of which is visited once: they may spread each other twice. */
function fieldsOf(
  { selections }: SelectionSetNode,
  parent: GraphQLCompositeType,
  of: Operation,
  seen: Set<string> = new Set(),
): SelectedField[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ node: selection, parent }];
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = typeNamed(of.schema, selection.typeCondition?.name.value) ?? parent;
      return fieldsOf(selection.selectionSet, on, of, seen);
    }
    const name = selection.name.value;
    if (seen.has(name)) return [];
    seen.add(name);
    const fragment = of.document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    );
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return [];
    const on = typeNamed(of.schema, fragment.typeCondition.name.value);
    return on ? fieldsOf(fragment.selectionSet, on, of, seen) : [];
  });
}
