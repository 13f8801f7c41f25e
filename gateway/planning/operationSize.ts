import {
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsByName } from './internalNames';

/** What an operation takes before and beside the data that it returns. */
export interface OperationSize {
  /**
   * What it takes to plan, in some 50 µs on one core: fields once fragments are expanded where they are spread, whatever the document's
   * length. An object counts for more, because the planner looks for the subgraph that has it.
   */
  planning: number;
  /** Root fields and connections: for each there is a database statement of its own, also for the same field under another alias. */
  statements: number;
}

const PLANNING_OF_OBJECT = 7;

const NONE: OperationSize = { planning: 0, statements: 0 };
const plus = (a: OperationSize, b: OperationSize): OperationSize => ({
  planning: a.planning + b.planning,
  statements: a.statements + b.statements,
});

/** Apollo Server parses its documents anew for another schema: so an operation has one size. */
const sizes = new WeakMap<OperationDefinitionNode, OperationSize>();

/** Counted once an operation: Apollo Server keeps the documents that it has validated. */
export function sizeOf(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  schema: GraphQLSchema,
): OperationSize {
  const known = sizes.get(operation);
  if (known) return known;
  const size = countSize(operation, document, schema);
  sizes.set(operation, size);
  return size;
}

/** Each fragment is counted once, so that counting takes no longer for fragments that spread each other twice. */
function countSize(operation: OperationDefinitionNode, document: DocumentNode, schema: GraphQLSchema): OperationSize {
  const fragments = fragmentsByName(document);
  const counted = new Map<string, OperationSize>();
  const root = schema.getRootType(operation.operation) ?? undefined;
  return ofSelections(operation.selectionSet, root);

  function ofSelections({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): OperationSize {
    return selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return plus(sum, ofField(selection, parent));
      if (selection.kind === Kind.FRAGMENT_SPREAD) return plus(sum, ofFragment(selection.name.value));
      const on = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : parent;
      return plus(sum, ofSelections(selection.selectionSet, on));
    }, NONE);
  }

  function ofField({ name, selectionSet }: FieldNode, parent: GraphQLNamedType | undefined): OperationSize {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name.value] : undefined;
    const type = field && getNamedType(field.type);
    const isStatement = type !== undefined && (parent === root || type.name.endsWith('Connection'));
    const below = selectionSet ? ofSelections(selectionSet, type) : NONE;
    return plus({ planning: selectionSet ? PLANNING_OF_OBJECT : 1, statements: isStatement ? 1 : 0 }, below);
  }

  function ofFragment(name: string): OperationSize {
    const known = counted.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    const size = fragment
      ? ofSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))
      : NONE;
    counted.set(name, size);
    return size;
  }
}
