import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { countStatements } from '../../shared/test/countStatements';
import { faultsOf, makeProduct } from '../test/factories';
import { startSubgraphHere } from '../test/startSubgraphHere';
import { categoriesOf } from './test/categoriesOf';

let product: Awaited<ReturnType<typeof startSubgraphHere>>;

beforeAll(async () => {
  product = await startSubgraphHere();
});
afterAll(() => product?.close());

const { categoryCreate, categoryUpdate, categoryMove, categoryDelete, products, make, paths, makeTree } = categoriesOf(
  () => product,
);

it('every mutation answers NOT_FOUND for another store’s category, as for an unknown one, and changes nothing of it', async () => {
  const [victim, attacker] = [freshTenantId('victim'), admin(freshTenantId('attacker'))];
  const { running } = await makeTree(admin(victim));
  const theirs = await makeProduct(product, admin(victim), { categoryIds: [running] });
  const own = await make(attacker, 'Own');
  const before = await checksumOfTenant(product.ownerUrl, victim);
  const work = async (id: string, productId: string) => [
    await categoryUpdate(attacker, id, { name: 'Mine' }),
    await categoryMove(attacker, id, { parentId: null }),
    await categoryMove(attacker, own, { parentId: id }),
    await categoryCreate(attacker, { name: 'Mine', parentId: id }),
    await categoryDelete(attacker, id, 'REPARENT'),
    await products(attacker, 'categoryProductsAdd', own, [productId]),
    await products(attacker, 'categoryProductsRemove', id, [productId]),
  ];
  const foreign = await work(running, theirs.id);
  expect(foreign).toEqual(await work('cat_none', 'prod_none'));
  expect(foreign.flatMap(faultsOf)).toEqual([
    'id NOT_FOUND',
    'id NOT_FOUND',
    'input.parentId NOT_FOUND',
    'input.parentId NOT_FOUND',
    'id NOT_FOUND',
    'productIds.0 NOT_FOUND',
    'id NOT_FOUND',
  ]);
  await expect(categoryDelete(customer(victim), running)).rejects.toThrow('FORBIDDEN');
  expect(await checksumOfTenant(product.ownerUrl, victim)).toEqual(before);
  expect((await categoryCreate(attacker, { name: 'Shoes', slug: 'shoes' })).category.slug).toBe('shoes');
});

describe('the tree', () => {
  it('is read in one statement, with the path, children and ancestors of each', async () => {
    const caller = admin(freshTenantId());
    await makeTree(caller);
    const statements = countStatements();
    const { data } = await product.ask(
      visitor(caller.tenantId ?? ''),
      '{ categories { path children { name } ancestors { name } parent { name } } }',
    );
    expect(statements.stop()).toBe(1);
    expect(data.categories).toEqual([
      { path: 'shoes', children: [{ name: 'Running' }], ancestors: [], parent: null },
      {
        path: 'shoes/running',
        children: [{ name: 'Trail' }],
        ancestors: [{ name: 'Shoes' }],
        parent: { name: 'Shoes' },
      },
      {
        path: 'shoes/running/trail',
        children: [],
        ancestors: [{ name: 'Shoes' }, { name: 'Running' }],
        parent: { name: 'Running' },
      },
      { path: 'apparel', children: [], ancestors: [], parent: null },
    ]);
  });

  it('takes one statement for each level of children, and one for all breadcrumbs', async () => {
    const caller = admin(freshTenantId());
    const { trail } = await makeTree(caller);
    const statements = countStatements();
    const { data } = await product.ask(caller, `{ category(id: "${trail}") { path ancestors { slug } } }`);
    expect(statements.stop()).toBe(2);
    expect(data.category).toEqual({ path: 'shoes/running/trail', ancestors: [{ slug: 'shoes' }, { slug: 'running' }] });
  });

  it('is at most ten levels deep, after creating and after moving', async () => {
    const caller = admin(freshTenantId());
    let parentId: string | null = null;
    for (let level = 1; level <= 10; level += 1) parentId = await make(caller, `Level ${level}`, parentId);
    expect(faultsOf(await categoryCreate(caller, { name: 'Level 11', parentId }))).toEqual(['input.parentId INVALID']);
    const { shoes } = await makeTree(caller);
    expect(faultsOf(await categoryMove(caller, shoes, { parentId }))).toEqual(['input.parentId INVALID']);
  });
});

describe('categoryCreate', () => {
  it('returns all errors together', async () => {
    const refused = await categoryCreate(admin(freshTenantId()), {
      name: ' ',
      slug: 'A B',
      seo: { title: 't'.repeat(256) },
      position: -1,
    });
    expect(faultsOf(refused)).toEqual([
      'input.name REQUIRED',
      'input.slug INVALID',
      'input.seo.title INVALID',
      'input.position INVALID',
    ]);
  });

  it('inserts a category at the given position among its siblings, or else last', async () => {
    const caller = admin(freshTenantId());
    for (const name of ['A', 'B']) await make(caller, name);
    const first = await categoryCreate(caller, { name: 'C', position: 0 });
    expect(first.category.position).toBe(0);
    await categoryCreate(caller, { name: 'D', position: 99 });
    expect(await paths(caller)).toEqual(['c', 'a', 'b', 'd']);
  });

  it('refuses a second category with the same slug, but makes another slug from an equal name', async () => {
    const caller = admin(freshTenantId());
    await make(caller, 'Shoes');
    expect(faultsOf(await categoryCreate(caller, { name: 'Shoes', slug: 'shoes' }))).toEqual(['input.slug TAKEN']);
    expect((await categoryCreate(caller, { name: 'Shoes' })).category.slug).toMatch(/^shoes-[a-z0-9]{6}$/);
  });
});

describe('categoryUpdate', () => {
  it('changes the given fields; of two changes of the same version one succeeds', async () => {
    const caller = admin(freshTenantId());
    const id = await make(caller, 'Shoes');
    const done = await categoryUpdate(caller, id, {
      description: 'All of them.',
      seo: { title: 'Buy' },
      expectedVersion: 1,
    });
    expect(done.category).toMatchObject({
      name: 'Shoes',
      description: 'All of them.',
      seo: { title: 'Buy' },
      version: 2,
    });
    const stale = await categoryUpdate(caller, id, { name: 'Boots', expectedVersion: 1 });
    expect(faultsOf(stale)).toEqual(['input.expectedVersion STALE_VERSION']);
    expect(stale.category).toEqual(done.category);
    expect(faultsOf(await categoryUpdate(caller, id, { name: null, slug: null }))).toEqual([
      'input.name REQUIRED',
      'input.slug REQUIRED',
    ]);
    await make(caller, 'Apparel');
    expect(faultsOf(await categoryUpdate(caller, id, { slug: 'apparel' }))).toEqual(['input.slug TAKEN']);
  });
});

describe('categoryMove', () => {
  it('refuses to move a category under itself or its descendants', async () => {
    const caller = admin(freshTenantId());
    const { shoes, trail } = await makeTree(caller);
    for (const parentId of [shoes, trail]) {
      expect(faultsOf(await categoryMove(caller, shoes, { parentId }))).toEqual(['input.parentId INVALID']);
    }
  });

  it('moves the whole branch, to the requested position', async () => {
    const caller = admin(freshTenantId());
    const { running, apparel, shoes } = await makeTree(caller);
    const moved = await categoryMove(caller, running, { parentId: apparel, expectedVersion: 1 });
    expect(moved.category).toMatchObject({ path: 'apparel/running', version: 2, position: 0 });
    expect(await paths(caller)).toEqual(['shoes', 'apparel', 'apparel/running', 'apparel/running/trail']);
    await categoryMove(caller, apparel, { position: 0 });
    await categoryMove(caller, running, { parentId: null, position: 1 });
    expect(await paths(caller)).toEqual(['apparel', 'running', 'running/trail', 'shoes']);
    const stale = await categoryMove(caller, running, { parentId: shoes, expectedVersion: 1 });
    expect(faultsOf(stale)).toEqual(['input.expectedVersion STALE_VERSION']);
    expect(stale.category).toMatchObject({ name: 'Running', version: 3 });
  });

  it('of two concurrent moves that together would make a cycle applies one', async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const caller = admin(freshTenantId());
      const [a, b] = [await make(caller, 'A'), await make(caller, 'B')];
      const answers = await Promise.all([
        categoryMove(caller, a, { parentId: b }),
        categoryMove(caller, b, { parentId: a }),
      ]);
      expect(answers.map(faultsOf).sort()).toEqual([[], ['input.parentId INVALID']]);
      expect(await paths(caller)).toHaveLength(2);
    }
  });
});

describe('categoryDelete', () => {
  it('is refused while there are children, or moves them up in its place', async () => {
    const caller = admin(freshTenantId());
    const { shoes, running } = await makeTree(caller);
    await make(caller, 'Boots', shoes);
    const made = await makeProduct(product, caller, { categoryIds: [shoes, running] });
    expect(faultsOf(await categoryDelete(caller, shoes))).toEqual(['id IN_USE']);
    expect(faultsOf(await categoryDelete(caller, shoes, 'REPARENT', 9))).toEqual(['expectedVersion STALE_VERSION']);
    expect(await categoryDelete(caller, shoes, 'REPARENT', 1)).toEqual({ deletedCategoryId: shoes, userErrors: [] });
    expect(await paths(caller)).toEqual(['running', 'running/trail', 'boots', 'apparel']);
    const { data } = await product.ask(caller, `{ product(id: "${made.id}") { categories { name } } }`);
    expect(data.product.categories).toEqual([{ name: 'Running' }]);
  });

  it('concurrent with a new child leaves no child without a parent', async () => {
    const caller = admin(freshTenantId());
    const shoes = await make(caller, 'Shoes');
    await Promise.all([
      categoryDelete(caller, shoes),
      ...['A', 'B', 'C'].map((name) => categoryCreate(caller, { name, parentId: shoes })),
    ]);
    const lost = await asOwner(
      product.ownerUrl,
      caller.tenantId ?? '',
      'SELECT 1 FROM categories c WHERE parent_id IS NOT NULL AND NOT EXISTS (SELECT FROM categories p WHERE p.id = c.parent_id)',
    );
    expect(lost).toEqual([]);
  });
});
