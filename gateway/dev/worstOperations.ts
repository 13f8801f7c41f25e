import { type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { costOfOperation, MAX_COST } from '../limits/queryCost';
import { fixedCostOf, limitPlanning } from '../limits/sizeLimit';
import { sizeOf } from '../planning/operationSize';

/** In an operation, where another text makes it one that was not planned before. */
export const UNIQUE = 'nobody';

/** What is hard to plan, as large as `n` says. */
const FAMILIES: Record<string, (n: number) => string> = {
  'fragments that spread each other twice, across subgraphs': (n) =>
    `{ currentTenant { ...T0 } } ${Array.from(
      { length: n },
      (_, k) => `fragment T${k} on Tenant { a: products(first: 1) { nodes { tenant { ...T${k + 1} } } }
        b: products(first: 1) { nodes { sales { units } tenant { ...T${k + 1} } } } }`,
    ).join(' ')} fragment T${n} on Tenant { name }`,
  'objects of two subgraphs, nested in each other': (n) =>
    `{ currentTenant { ${'products(first: 1) { nodes { tenant { '.repeat(n)} name ${'} } }'.repeat(n)} } }`,
  'objects of three subgraphs, nested in each other': (n) =>
    `{ currentTenant { ${'orders(first: 1) { nodes { items { product { tenant { '.repeat(n)} name ${'} } } } }'.repeat(n)} } }`,
  'lists side by side, each with an entity’s field': (n) =>
    `{ ${Array.from({ length: n }, (_, k) => `_${k}: products(first: ${k + 1}) { nodes { name sales { units } } }`).join(' ')} }`,
  'one object, asked for by many aliases': (n) =>
    `{ ${Array.from({ length: n }, (_, k) => `_${k}: currentTenant { id slug name products(first: ${k + 1}) { totalCount } }`).join(' ')} }`,
  'every kind of node': (n) =>
    `{ ${Array.from(
      { length: n },
      (_, k) =>
        `_${k}: nodes(ids: ["${k}"]) { id ... on Product { name tenant { name } } ... on Order { number items { product { name } } } ... on Category { name } }`,
    ).join(' ')} }`,
};

export interface WorstOperation {
  family: string;
  text: string;
  size: number;
}

/** Of each family the largest that a visitor gets through. */
export function worstOperations(schema: GraphQLSchema): WorstOperation[] {
  return Object.entries(FAMILIES).flatMap(([family, make]) => {
    let worst: WorstOperation | null = null;
    for (let n = 1; n <= 200; n += 1) {
      const text = make(n).replace('{', `{ u: node(id: "${UNIQUE}") { id }`);
      const size = sizeForVisitor(schema, text);
      if (size === null) break;
      worst = { family, text, size };
    }
    return worst ?? [];
  });
}

/** Null for one that is refused before it is planned. */
function sizeForVisitor(schema: GraphQLSchema, text: string): number | null {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('No operation');
  const size = sizeOf(operation, document, schema);
  try {
    limitPlanning(size, 'VISITOR');
  } catch {
    return null;
  }
  const cost = costOfOperation(operation, { schema, document, variables: {} }) + fixedCostOf(size);
  return cost <= MAX_COST ? size.planning : null;
}
