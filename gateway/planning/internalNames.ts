import {
  type ASTNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  visit,
} from 'graphql';
import { isIncluded } from './isIncluded';

/** An operation as it is planned and sent to subgraphs. */
export interface InternalOperation {
  /** Without what a client may name as it likes, so that operations that differ in their aliases alone share one plan. */
  text: string;
  /** Where the value of a client's field is in what the subgraphs answer. */
  keyOf(field: FieldNode): string;
  /** The client's name of a key in what the subgraphs answer: for the paths of errors. */
  responseNameOf(key: string): string;
  /** The client's variables, by the names that the plan has for them. */
  variables(given: Record<string, unknown>): Record<string, unknown>;
}

/** The query planner sends entities in a variable of this name, beside the client's variables. */
const REPRESENTATIONS = 'representations';

/**
 * The planner adds fields to what a client asks for, such as the keys of entities and `__typename`, and reads them in the answer by
 * their names. A client's alias that has such a name would be read instead: `id: slug` sends slugs as ids. So every alias is replaced by
 * a name of ours, and the client's is put back when the answer is shaped.
 * @param requiredFields fields that subgraphs require with arguments of their own: they meet the client's even without an alias.
 */
export function withInternalNames(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  requiredFields: ReadonlySet<string>,
): InternalOperation {
  const keys = new Map<string, string>();
  const responseNames = new Map<string, string>();
  const representations = freeNameFor(REPRESENTATIONS, operation);

  function keyOf({ name, alias }: FieldNode): string {
    const isAlias = alias !== undefined && alias.value !== name.value;
    if (!isAlias && !requiredFields.has(name.value)) return name.value;
    const responseName = alias?.value ?? name.value;
    const known = keys.get(responseName);
    if (known !== undefined) return known;
    const key = `_${keys.size}`;
    keys.set(responseName, key);
    responseNames.set(key, responseName);
    return key;
  }

  const { name: _, ...unnamed } = withoutConstants(operation);
  const internal = visit<DocumentNode>(
    { kind: Kind.DOCUMENT, definitions: [unnamed, ...fragmentsOf(unnamed, withoutConstants(document))] },
    {
      Field(field) {
        const key = keyOf(field);
        if (!field.alias && key === field.name.value) return undefined;
        const { alias: _, ...plain } = field;
        return key === field.name.value ? plain : { ...plain, alias: { kind: Kind.NAME, value: key } };
      },
      SelectionSet: {
        leave(set, _key, parent) {
          const isRoot = parent !== undefined && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION;
          // What is always left out is gone from here.
          const isEmpty = set.selections.length === 0;
          const mayBeEmpty =
            isEmpty || (!isRoot && set.selections.every(({ directives }) => directives && directives.length > 0));
          return mayBeEmpty ? { ...set, selections: [TYPENAME, ...set.selections] } : undefined;
        },
      },
      Variable: (variable) =>
        variable.name.value === REPRESENTATIONS
          ? { ...variable, name: { kind: Kind.NAME, value: representations } }
          : undefined,
    },
  );

  return {
    text: print(internal),
    keyOf,
    responseNameOf: (key) => responseNames.get(key) ?? key,
    variables: (given) => {
      if (!Object.hasOwn(given, REPRESENTATIONS)) return given;
      const { [REPRESENTATIONS]: value, ...others } = given;
      return { ...others, [representations]: value };
    },
  };
}

/**
 * Without what a constant in `@skip` or `@include` leaves out, and without constants that leave out nothing. In a part that depends on a
 * variable, the planner forgets such a constant: what is to be skipped would be fetched, or done.
 */
function withoutConstants<Node extends ASTNode>(node: Node): Node {
  const isConstant = ({ name, arguments: [condition] = [] }: DirectiveNode) =>
    (name.value === 'skip' || name.value === 'include') && condition?.value.kind === Kind.BOOLEAN;
  const enter = (selection: SelectionNode) => {
    const directives = selection.directives ?? [];
    if (!directives.some(isConstant)) return undefined;
    const constants = { ...selection, directives: directives.filter(isConstant) };
    return isIncluded(constants, {})
      ? { ...selection, directives: directives.filter((directive) => !isConstant(directive)) }
      : null;
  };
  return visit(node, { Field: enter, InlineFragment: enter, FragmentSpread: enter });
}

/** The planner leaves out an object of which all fields are skipped: with this, it asks for the object, which then is empty. */
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

function freeNameFor(name: string, { variableDefinitions = [] }: OperationDefinitionNode): string {
  const taken = new Set(variableDefinitions.map(({ variable }) => variable.name.value));
  let free = `_${name}`;
  while (taken.has(free)) free = `_${free}`;
  return free;
}

/** The fragments that an operation spreads. */
export function fragmentsOf(operation: OperationDefinitionNode, document: DocumentNode): FragmentDefinitionNode[] {
  const all = fragmentsByName(document);
  const found = new Map<string, FragmentDefinitionNode>();
  const waiting: (OperationDefinitionNode | FragmentDefinitionNode)[] = [operation];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    visit(next, {
      FragmentSpread({ name }) {
        const fragment = all.get(name.value);
        if (!fragment || found.has(name.value)) return;
        found.set(name.value, fragment);
        waiting.push(fragment);
      },
    });
  }
  return [...found.values()];
}

export function fragmentsByName({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}
