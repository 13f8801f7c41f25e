import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql';
import { isIncluded } from '../planning/isIncluded';
import { Selection, type SelectionSource } from './selection';

/** Beyond that many, what is selected is collected for each request anew. */
const MAX_KEPT = 16;

/** What an operation selects, by the values of the variables in its `@skip` and `@include`: most have none, and so one selection for all requests. */
export function selectionsByCondition(
  { selectionSet }: OperationDefinitionNode,
  document: DocumentNode,
  source: Omit<SelectionSource, 'isIncluded'>,
): (variables: Record<string, unknown>) => Selection {
  const conditions = conditionalVariables(document);
  const kept = new Map<string, Selection>();
  return (variables) => {
    const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const known = kept.get(key);
    if (known) return known;
    const values = Object.fromEntries(conditions.map((name) => [name, variables[name]]));
    const selection = new Selection([selectionSet], { ...source, isIncluded: (node) => isIncluded(node, values) });
    if (kept.size < MAX_KEPT) kept.set(key, selection);
    return selection;
  };
}

function conditionalVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ arguments: given = [] }) {
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
