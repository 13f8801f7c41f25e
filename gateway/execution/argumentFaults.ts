import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  GraphQLError,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  valueFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { parseMoney } from '../../subgraphs/shared/money';
import { readPageSize } from '../../subgraphs/shared/pagination';
import { fragmentsOf } from '../planning/internalNames';
import { MAX_FAULTS } from './variables';

/** An amount, whose digits are those of the currency beside it. */
const MONEY = 'MoneyInput';

type Values = Readonly<Record<string, unknown>>;
/** Of arguments whose value is right or wrong by more than its type. */
type Check = (variables: Values) => GraphQLError | null;

const checks = new WeakMap<OperationDefinitionNode, readonly Check[]>();

/**
 * What is wrong with an operation's arguments although each has its type: the size of a page, the digits of an amount. They are read by
 * the code of the subgraphs, which would refuse them when other fields of the operation have been executed.
 * @param variables as they were coerced, with their defaults.
 */
export function argumentFaults(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Values,
): readonly GraphQLError[] {
  // Found once for each operation: Apollo Server keeps the documents that it has validated.
  const known = checks.get(operation) ?? checksOf(schema, document, operation);
  checks.set(operation, known);
  return known.flatMap((check) => check(variables) ?? []).slice(0, MAX_FAULTS);
}

function checksOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Check[] {
  const found: Check[] = [];
  const typeInfo = new TypeInfo(schema);
  visit(
    { kind: Kind.DOCUMENT, definitions: [operation, ...fragmentsOf(operation, document)] },
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const type = typeInfo.getFieldDef()?.type;
        if (type && getNamedType(type).name.endsWith('Connection')) found.push(...pageSizeChecks(node));
      },
      Argument(node) {
        const argument = typeInfo.getArgument();
        if (argument && hasMoney(argument.type)) found.push(moneyCheck(node, argument));
      },
    }),
  );
  return found;
}

function pageSizeChecks({ arguments: given = [] }: FieldNode): Check[] {
  const sizes = given.filter(({ name }) => name.value === 'first' || name.value === 'last');
  if (sizes.length === 0) return [];
  return [
    (variables) => {
      const page = Object.fromEntries(
        sizes.map(({ name, value }) => [name.value, valueFromAST(value, GraphQLInt, variables) ?? null]),
      );
      return faultOf(() => readPageSize(page), sizes);
    },
  ];
}

function moneyCheck(node: ArgumentNode, { name, type }: GraphQLArgument): Check {
  return (variables) => faultOf(() => readMoney(valueFromAST(node.value, type, variables), type, [name]), [node]);
}

/** @throws GraphQLError BAD_USER_INPUT for the first amount that its currency can't have. */
function readMoney(value: unknown, type: GraphQLInputType, at: readonly (string | number)[]): void {
  if (value === null || value === undefined || !hasMoney(type)) return;
  const bare = getNullableType(type);
  if (isListType(bare)) {
    for (const [index, item] of (value as unknown[]).entries()) readMoney(item, bare.ofType, [...at, index]);
  } else if (isInputObjectType(bare)) {
    if (bare.name === MONEY) parseMoney(value as Parameters<typeof parseMoney>[0], at.join('.'));
    for (const field of Object.values(bare.getFields()))
      readMoney((value as Values)[field.name], field.type, [...at, field.name]);
  }
}

const moneyTypes = new WeakMap<object, boolean>();

/** Whether amounts may be somewhere in a value of the type. */
function hasMoney(type: GraphQLInputType): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return false;
  const known = moneyTypes.get(named);
  if (known !== undefined) return known;
  // Also ends the walk of a type that has itself inside.
  moneyTypes.set(named, named.name === MONEY);
  const has = named.name === MONEY || Object.values(named.getFields()).some((field) => hasMoney(field.type));
  moneyTypes.set(named, has);
  return has;
}

/** An error of the subgraphs' code, at the place in the document. */
function faultOf(read: () => unknown, nodes: readonly ArgumentNode[]): GraphQLError | null {
  try {
    read();
    return null;
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return new GraphQLError(error.message, { nodes, extensions: error.extensions });
  }
}
