import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { isIncluded } from '../planning/isIncluded';

/** An operation in two parts, each a document of its own; null for a part that it does not have. */
export interface SplitOperation {
  /** `__schema`, `__type` and `__typename` of the root type, which the schema itself answers. */
  introspection: DocumentNode | null;
  /** What subgraphs answer. */
  data: DocumentNode | null;
  /**
   * The names of the root fields in the answer, in its order: what is skipped does not count, also not as a fragment's first place.
   * @param variables with their defaults.
   */
  namesFor(variables: Record<string, unknown>): readonly string[];
}

const splits = new WeakMap<OperationDefinitionNode, SplitOperation>();

/** Splits an operation of a valid document; once, since Apollo Server keeps the documents that it has validated. */
export function splitIntrospection(document: DocumentNode, operation: OperationDefinitionNode): SplitOperation {
  const known = splits.get(operation);
  if (known) return known;
  const split = {
    introspection: partOf(document, operation, isIntrospection),
    data: partOf(document, operation, (name) => !isIntrospection(name)),
    namesFor: (variables: Record<string, unknown>) => rootNames(document, operation, variables),
  };
  splits.set(operation, split);
  return split;
}

/** GraphQL reserves such names of fields and types for introspection. */
const isIntrospection = (name: string) => name.startsWith('__');

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  return fragments;
}

/**
 * The operation with those of its root fields that belong to one part, and with the fragments on types of that part. Each fragment is
 * visited once: those that spread each other twice would otherwise take exponential time.
 */
function partOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  belongs: (name: string) => boolean,
): DocumentNode | null {
  const fragments = fragmentsOf(document);
  /** The fragments on the root type, each with what is picked of it. */
  const picked = new Map<string, FragmentDefinitionNode | null>();
  const selectionSet = pick(operation.selectionSet);
  if (!selectionSet) return null;
  const below = [...fragments.values()].filter(
    ({ name, typeCondition }) => !picked.has(name.value) && belongs(typeCondition.name.value),
  );
  const definitions = [{ ...operation, selectionSet }, ...[...picked.values()].filter((one) => one !== null), ...below];
  return { kind: Kind.DOCUMENT, definitions };

  function pick({ kind, selections }: SelectionSetNode): SelectionSetNode | null {
    const kept = selections.flatMap((selection) => pickSelection(selection) ?? []);
    return kept.length > 0 ? { kind, selections: kept } : null;
  }

  function pickSelection(selection: SelectionNode): SelectionNode | null {
    if (selection.kind === Kind.FIELD) return belongs(selection.name.value) ? selection : null;
    if (selection.kind === Kind.FRAGMENT_SPREAD) return pickFragment(selection.name.value) && selection;
    const inner = pick(selection.selectionSet);
    return inner && { ...selection, selectionSet: inner };
  }

  function pickFragment(name: string): FragmentDefinitionNode | null {
    const known = picked.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    const inner = fragment ? pick(fragment.selectionSet) : null;
    const part = fragment && inner ? { ...fragment, selectionSet: inner } : null;
    picked.set(name, part);
    return part;
  }
}

function rootNames(
  document: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
  variables: Record<string, unknown>,
): string[] {
  const fragments = fragmentsOf(document);
  const names = new Set<string>();
  const visited = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind === Kind.FIELD) names.add((selection.alias ?? selection.name).value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(fragment.selectionSet);
      }
    }
  };
  collect(selectionSet);
  return [...names];
}
