import { admin, freshTenantId, type SubgraphUnderTest, visitor } from '../../../shared/test/askSubgraph';
import { makeProduct } from '../../test/factories';

export const price = (amount: string, currencyCode = 'USD') => ({ amount, currencyCode });
let skus = 0;
export function one(amount: string, others: Record<string, unknown> = {}) {
  skus += 1;
  return { sku: `LIST-${skus}`, price: price(amount), quantityOnHand: 5, ...others };
}

export async function category(
  product: SubgraphUnderTest,
  tenantId: string,
  name: string,
  parentId?: string,
): Promise<string> {
  const query = 'mutation ($input: CategoryCreateInput!) { categoryCreate(input: $input) { category { id } } }';
  const { data } = await product.ask(admin(tenantId), query, { input: { name, parentId } });
  return data.categoryCreate.category.id;
}

/** Boots (draft), a Cap, a Pegasus and a Vomero in two sizes, in a tree of categories. */
export async function makeStore(product: SubgraphUnderTest) {
  const tenantId = freshTenantId();
  const staff = admin(tenantId);
  const shoes = await category(product, tenantId, 'Shoes');
  const running = await category(product, tenantId, 'Running', shoes);
  const options = [{ name: 'Size', values: ['42', '43'] }];
  const size = (value: string) => ({ optionValues: [{ option: 'Size', value }] });
  await makeProduct(product, staff, {
    name: 'Boots',
    status: 'DRAFT',
    vendor: 'Draftsman',
    tags: ['secret'],
    categoryIds: [shoes],
  });
  await makeProduct(product, staff, {
    name: 'Cap',
    vendor: 'Adidas',
    productType: 'Hats',
    tags: ['sun'],
    variants: [one('20', { quantityOnHand: 0, sku: 'CAP-1' })],
  });
  await makeProduct(product, staff, {
    name: 'Pegasus',
    description: 'For long runs over the café’s terrace, 100% cotton.',
    vendor: 'Nike',
    productType: 'Running shoes',
    tags: ['road', 'sun'],
    categoryIds: [running],
    options,
    variants: [one('150', size('42')), one('160', size('43'))],
  });
  await makeProduct(product, staff, {
    name: 'Vomero',
    vendor: 'Nike',
    productType: 'Running shoes',
    tags: ['road'],
    categoryIds: [shoes],
    options,
    variants: [one('90', { ...size('42'), quantityOnHand: 0 })],
  });
  return { tenantId, staff, shopper: visitor(tenantId), shoes, running };
}

export type Store = Awaited<ReturnType<typeof makeStore>>;
