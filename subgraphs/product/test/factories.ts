import { randomUUID } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import type { SubgraphUnderTest } from '../../shared/test/askSubgraph';

const PRODUCT_CREATE = `mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) {
    product { id slug name status variants { nodes { id sku quantityAvailable } } }
    userErrors { field code message }
  }
}`;

export interface MadeProduct {
  id: string;
  slug: string;
  variantId: string;
  sku: string;
}

/** A valid input; `changes` replace its fields. */
export function productInput(changes: Record<string, unknown> = {}) {
  const suffix = randomUUID().slice(0, 8);
  return {
    name: `Shoe ${suffix}`,
    status: 'ACTIVE',
    variants: [{ sku: `SKU-${suffix}`, price: { amount: '150.00', currencyCode: 'USD' }, quantityOnHand: 10 }],
    ...changes,
  };
}

export function productCreate(subgraph: SubgraphUnderTest, caller: Caller, changes: Record<string, unknown> = {}) {
  return subgraph.ask(caller, PRODUCT_CREATE, { input: productInput(changes) });
}

/** A product with one variant, made through the subgraph's own mutation. */
export async function makeProduct(
  subgraph: SubgraphUnderTest,
  caller: Caller,
  changes: Record<string, unknown> = {},
): Promise<MadeProduct> {
  const { data, errors } = await productCreate(subgraph, caller, changes);
  const product = data?.productCreate?.product;
  if (!product) throw new Error(`No product: ${JSON.stringify(errors ?? data)}`);
  const [variant] = product.variants.nodes;
  return { id: product.id, slug: product.slug, variantId: variant.id, sku: variant.sku };
}

/** One of the catalog's mutations by its input alone: `{ id, input: ProductUpdateInput! }` and the like. */
export async function change(
  subgraph: SubgraphUnderTest,
  caller: Caller,
  mutation: string,
  args: Record<string, string>,
  variables: Record<string, unknown>,
  answer: string,
) {
  const declared = Object.entries(args).map(([name, type]) => `$${name}: ${type}`);
  const passed = Object.keys(args).map((name) => `${name}: $${name}`);
  const query = `mutation (${declared.join(', ')}) {
    ${mutation}(${passed.join(', ')}) { ${answer} userErrors { field code message } } }`;
  const { data, errors } = await subgraph.ask(caller, query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data[mutation];
}

/** "input.slug TAKEN": user errors as tests compare them. */
export const faultsOf = ({ userErrors }: { userErrors: { field: string[]; code: string }[] }) =>
  userErrors.map(({ field, code }) => `${field.join('.')} ${code}`);
