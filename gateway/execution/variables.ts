import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  TypeInfo,
  ValidationContext,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { badUserInput } from '../../subgraphs/shared/errors';
import { textFaultOf } from '../../subgraphs/shared/requestTexts';

type Variables = Readonly<Record<string, unknown>>;

interface OperationWithVariables {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Variables;
}

/** A list of a megabyte can have half a million wrong values. */
export const MAX_FAULTS = 20;

/**
 * What is wrong with the values of an operation's variables; empty when nothing is. The document's own values were checked when it was
 * validated, which happens once for many requests.
 */
export function variableFaults(request: OperationWithVariables): readonly GraphQLError[] {
  const { schema, operation, variables } = request;
  const textFault = textFaultOf(variables);
  if (textFault) return [textFault];
  const definitions = operation.variableDefinitions ?? [];
  const { errors, coerced } = getVariableValues(schema, definitions, variables, { maxErrors: MAX_FAULTS });
  return errors ? errors.map(asBadUserInput) : nullFaults(request, coerced);
}

function asBadUserInput({ message, nodes, originalError, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    originalError,
    extensions: { code: 'BAD_USER_INPUT', ...extensions },
  });
}

/**
 * GraphQL allows a variable of a nullable type where null is not, if a default takes the place of a variable that is left out. Null
 * itself is refused only when the field is executed: in a subgraph, when other fields have been executed.
 */
function nullFaults(request: OperationWithVariables, values: Variables): GraphQLError[] {
  const nulls = nullVariables(request);
  if (nulls.length === 0) return [];
  const strict = variablesAtNonNull(request);
  const names = new Set(nulls.filter((name) => strict.has(name)));
  return names.size === 0 ? [] : faultsInSelection(request, values, names);
}

function nullVariables({ operation, variables }: OperationWithVariables): string[] {
  const names: string[] = [];
  for (const { type, variable, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const isNull = Object.hasOwn(variables, name) ? variables[name] === null : defaultValue?.kind === Kind.NULL;
    if (isNull && type.kind !== Kind.NON_NULL_TYPE) names.push(name);
  }
  return names;
}

const atNonNull = new WeakMap<OperationDefinitionNode, ReadonlySet<string>>();

/** Once for each operation: Apollo Server keeps the documents that it has validated. */
function variablesAtNonNull({ schema, document, operation }: OperationWithVariables): ReadonlySet<string> {
  const known = atNonNull.get(operation);
  if (known) return known;
  const context = new ValidationContext(schema, document, new TypeInfo(schema), () => {});
  const usages = context.getRecursiveVariableUsages(operation).filter(({ type }) => isNonNullType(type));
  const names = new Set(usages.map(({ node }) => node.name.value));
  atNonNull.set(operation, names);
  return names;
}

/** Where one of these variables stands in a part of the operation that @skip and @include leave in. */
function faultsInSelection(
  { schema, document, operation }: OperationWithVariables,
  values: Variables,
  names: ReadonlySet<string>,
): GraphQLError[] {
  const faults: GraphQLError[] = [];
  const typeInfo = new TypeInfo(schema);
  const visited = new Set<string>();
  const enter = (node: SelectionNode) => (isLeftOut(node, values) ? false : undefined);
  const visitor = visitWithTypeInfo(typeInfo, {
    VariableDefinition: () => false,
    Field: enter,
    InlineFragment: enter,
    FragmentSpread: {
      enter,
      leave({ name: { value: name } }) {
        if (visited.has(name)) return;
        visited.add(name);
        for (const definition of document.definitions)
          if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name)
            visit(definition, visitor);
      },
    },
    Variable(node, _key, _parent, _path, ancestors) {
      const name = node.name.value;
      const type = typeInfo.getInputType();
      if (!names.has(name) || !isNonNullType(type)) return;
      const place = ancestors.flat().findLast(isArgumentOrField);
      const { message, extensions } = badUserInput(
        place?.name.value ?? name,
        `${type.ofType}; the variable $${name} is null`,
      );
      faults.push(new GraphQLError(message, { nodes: node, extensions }));
    },
  });
  visit(operation, visitor);
  return faults.slice(0, MAX_FAULTS);
}

function isLeftOut({ directives = [] }: SelectionNode, values: Variables): boolean {
  return directives.some(({ name, arguments: [condition] = [] }) => {
    const given = condition?.value;
    const value =
      given?.kind === Kind.VARIABLE ? values[given.name.value] : given?.kind === Kind.BOOLEAN && given.value;
    return (name.value === 'skip' && value === true) || (name.value === 'include' && value === false);
  });
}

const isArgumentOrField = (node: ASTNode) => node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD;
