import { processEvent } from '../../shared/events/inbox';
import { NEW_STORE_SETTINGS } from '../../shared/storeSettings';
import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openProductDatabase } from '../database';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { reindexStores, searchLanguage, searchLanguageOf } from './searchLanguage';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let database: Awaited<ReturnType<typeof openProductDatabase>>;
beforeAll(async () => {
  product = await startTestSubgraph();
  database = await openProductDatabase(product.appUrl, 2);
});
afterAll(async () => {
  await database?.close();
  await product?.close();
});

let changes = 1;
function choose(tenantId: string, locale: string, version = changes) {
  changes += 1;
  return processEvent(database.db, searchLanguage, {
    id: `evt_${tenantId}_${changes}`,
    type: 'tenant.settings_changed',
    tenantId,
    aggregateType: 'settings',
    aggregateId: tenantId,
    aggregateVersion: version,
    previousVersion: null,
    dataVersion: 1,
    time: new Date().toISOString(),
    traceParent: null,
    data: { ...NEW_STORE_SETTINGS, locale },
  });
}
const make = (tenantId: string, name: string) =>
  makeProduct(product, admin(tenantId), { name, description: `${name}, gewaschene Bücher; the running shoes` });
const found = async (tenantId: string, query: string) => {
  const ask = 'query ($query: String) { products(query: $query, sortKey: RELEVANCE) { nodes { name } } }';
  const { data } = await product.ask(visitor(tenantId), ask, { query });
  return data.products.nodes.map(({ name }: { name: string }) => name);
};
const languagesOf = (tenantId: string) =>
  asOwner<{ language: string; n: number }>(
    product.ownerUrl,
    tenantId,
    'SELECT language, count(*)::int AS n FROM product_search GROUP BY 1',
  );

it.each([
  ['de-DE', 'german'],
  ['de-AT', 'german'],
  ['en-GB', 'english'],
  ['pt-BR', 'portuguese'],
  ['nn-NO', 'norwegian'],
  ['zh-Hant-TW', 'simple'],
  ['ja', 'simple'],
])('a store of the locale %s is searched in %s, which PostgreSQL knows', async (locale, language) => {
  expect(searchLanguageOf(locale)).toBe(language);
  const tenantId = freshTenantId();
  await choose(tenantId, locale);
  await make(tenantId, 'Hose');
  expect(await languagesOf(tenantId)).toEqual([{ language, n: 1 }]);
});

describe('the stems of a store’s language', () => {
  it('find its products, and those of another language do not', async () => {
    const [german, english] = [freshTenantId(), freshTenantId()];
    await choose(german, 'de-DE');
    for (const tenantId of [german, english]) await make(tenantId, 'Laufhose');
    // Word forms that share a stem, and no beginning.
    expect(await found(german, 'buchern')).toEqual(['Laufhose']);
    expect(await found(german, 'gewaschenem')).toEqual(['Laufhose']);
    expect(await found(english, 'gewaschenem')).toEqual([]);
    expect(await found(english, 'runs')).toEqual(['Laufhose']);
    for (const tenantId of [german, english]) expect(await found(tenantId, 'laufh')).toEqual(['Laufhose']);
  });

  it('change with the store’s language, in batches, for its products and no other store’s', async () => {
    const [moved, other] = [freshTenantId(), freshTenantId()];
    for (const tenantId of [moved, other]) await make(tenantId, 'Laufhose');
    await choose(moved, 'de-DE');
    await reindexStores(database.db);
    expect(await languagesOf(moved)).toEqual([{ language: 'german', n: 1 }]);
    expect(await languagesOf(other)).toEqual([{ language: 'english', n: 1 }]);
    expect(await found(moved, 'gewaschenem')).toEqual(['Laufhose']);
  });

  it('are those of the later change, even if the earlier one arrives after it', async () => {
    const tenantId = freshTenantId();
    expect(await choose(tenantId, 'fr-FR', 3)).toBe('applied');
    expect(await choose(tenantId, 'de-DE', 2)).toBe('outdated');
    await make(tenantId, 'Laufhose');
    expect(await languagesOf(tenantId)).toEqual([{ language: 'french', n: 1 }]);
  });

  it('are checked until no write from before the change can still commit', async () => {
    const tenantId = freshTenantId();
    await choose(tenantId, 'de-DE');
    await make(tenantId, 'Laufhose');
    const late = `UPDATE product_search SET language = 'english'`;
    await reindexStores(database.db);
    await asOwner(product.ownerUrl, tenantId, late);
    await reindexStores(database.db);
    expect(await languagesOf(tenantId)).toEqual([{ language: 'german', n: 1 }]);
    await asOwner(product.ownerUrl, tenantId, `UPDATE store_languages SET reindex_until = now()`);
    await reindexStores(database.db);
    await asOwner(product.ownerUrl, tenantId, late);
    await reindexStores(database.db);
    expect(await languagesOf(tenantId)).toEqual([{ language: 'english', n: 1 }]);
  });
});
