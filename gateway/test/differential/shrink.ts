import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  validate,
  visit,
} from 'graphql';
import type { GeneratedOperation } from './generateOperation';

/** Takes out of an operation whatever may go while `fails` still says so, until nothing more may. */
export async function shrink(
  schema: GraphQLSchema,
  operation: GeneratedOperation,
  fails: (smaller: GeneratedOperation) => Promise<boolean>,
): Promise<GeneratedOperation> {
  let smallest = operation;
  for (let position = 0; ; ) {
    const next = without(smallest.query, position);
    if (next === null) return smallest;
    const query = print(withoutUnused(next));
    const smaller = { ...smallest, query };
    const isSmaller = query !== print(parse(smallest.query)) && validate(schema, parse(query)).length === 0;
    if (isSmaller && (await fails(smaller))) smallest = smaller;
    else position += 1;
  }
}

/** Without the node at a position in the order of the text: a selection, a directive, an alias or an argument. Null beyond the last one. */
function without(query: string, position: number): DocumentNode | null {
  let at = -1;
  const isNext = () => {
    at += 1;
    return at === position;
  };
  const changed = visit(parse(query), {
    SelectionSet: {
      leave: ({ selections, ...set }: SelectionSetNode) =>
        selections.length > 0
          ? undefined
          : { ...set, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }] },
    },
    Field: {
      enter(field) {
        if (isNext()) return null;
        if (field.alias && isNext()) return { ...field, alias: undefined };
        return undefined;
      },
    },
    FragmentSpread: { enter: () => (isNext() ? null : undefined) },
    InlineFragment: { enter: () => (isNext() ? null : undefined) },
    Directive: { enter: () => (isNext() ? null : undefined) },
    Argument: { enter: () => (isNext() ? null : undefined) },
  });
  return position > at ? null : changed;
}

/** Fragments and variables that nothing names any more are not valid. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const named = new Set<string>();
  visit(document, {
    FragmentSpread: ({ name }) => void named.add(`...${name.value}`),
    Argument: { enter: (argument) => void visit(argument, { Variable: ({ name }) => void named.add(name.value) }) },
  });
  const next = visit(document, {
    FragmentDefinition: ({ name }) => (named.has(`...${name.value}`) ? undefined : null),
    VariableDefinition: ({ variable }) => (named.has(variable.name.value) ? undefined : null),
  });
  return next.definitions.length < document.definitions.length ? withoutUnused(next) : next;
}
