/** A fault in the isolation between stores, and the test that has to fail for it (mutation testing). */
export interface Mutant {
  title: string;
  /** From the root. */
  file: string;
  /** Found exactly once in the file. */
  search: string;
  replace: string;
  /** Arguments of Jest. */
  tests: string[];
  /** Matches the output of the failing test, to tell this fault from any other failure. */
  says: RegExp;
}

const PRODUCT_INIT = 'prisma/product/migrations/20261124000000_init/migration.sql';
const CATALOG = ['prisma/test/catalog.int.test.ts', '-t', 'product service shows no row of another tenant'];

const ROUTES = ['gateway/test/isolation/isolation.e2e.test.ts', '-t', 'a route'];

export const MUTANTS: Mutant[] = [
  {
    title: 'a table without its policy',
    file: PRODUCT_INIT,
    search: `CREATE POLICY "tenant_isolation" ON "categories"
    USING ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''))
    WITH CHECK ("tenant_id" = NULLIF(current_setting('app.tenant_id', true), ''));`,
    replace: '',
    tests: CATALOG,
    says: /categories has no policy for everything that compares tenant_id/,
  },
  {
    title: 'row-level security that the owner is free of',
    file: PRODUCT_INIT,
    search: 'ALTER TABLE "categories" FORCE ROW LEVEL SECURITY;',
    replace: '',
    tests: CATALOG,
    says: /categories has no row-level security that is enabled and forced/,
  },
  {
    title: 'a view that reads with the rights of its owner',
    file: 'prisma/product/migrations/20261124220057_catalog_in_full/migration.sql',
    search: 'CREATE VIEW "products_on_sale" WITH (security_invoker = true) AS',
    replace: 'CREATE VIEW "products_on_sale" AS',
    tests: CATALOG,
    says: /products_on_sale is a view that reads with the rights of its owner/,
  },
  {
    title: 'a unique constraint across stores',
    file: PRODUCT_INIT,
    search: 'CREATE UNIQUE INDEX "product_variants_tenant_id_sku_key" ON "product_variants"("tenant_id", "sku");',
    replace: 'CREATE UNIQUE INDEX "product_variants_tenant_id_sku_key" ON "product_variants"("sku");',
    tests: CATALOG,
    says: /product_variants_tenant_id_sku_key is an index that does not begin with tenant_id/,
  },
  {
    title: 'a tenant that stays on the connection',
    file: PRODUCT_INIT,
    search: "EXECUTE format('SET LOCAL app.tenant_id = %L', tenant_id);",
    replace: "EXECUTE format('SET app.tenant_id = %L', tenant_id);",
    tests: ['subgraphs/shared/test/interleaving.int.test.ts'],
    says: /"I org_t\d/,
  },
  {
    title: 'a connection that goes back to the pool inside a transaction',
    file: 'subgraphs/shared/tenantPool.ts',
    search: "client.release(broken || client.getTransactionStatus() !== 'I');",
    replace: 'client.release(broken);',
    tests: ['subgraphs/shared/test/interleaving.int.test.ts'],
    says: /"[TE] org_t\d/,
  },
  {
    title: 'a statement that does not name the tenant',
    file: 'subgraphs/product/category/category.loaders.ts',
    search: 'const categories = await db.category.findMany({ where: { tenantId, id: { in: [...ids] } } });',
    replace: 'const categories = await db.category.findMany({ where: { id: { in: [...ids] } } });',
    tests: ['gateway/test/isolation/isolation.e2e.test.ts', '-t', 'Query.category id|names the tenant itself'],
    says: /● every statement of all that was asked names the tenant itself/,
  },
  {
    title: 'a mutation without a rule',
    file: 'subgraphs/product/products/products.rules.ts',
    search: "    productCreate: can('products:manage'),\n",
    replace: '',
    tests: ['subgraphs/shared/test/rules.test.ts'],
    says: /product subgraph › name every query, every mutation and every entity/,
  },
  {
    title: 'a rule that lets shoppers see all orders',
    file: 'subgraphs/order/orders/order.rules.ts',
    search: "    orders: can('orders:read'),",
    replace: '    orders: inStore,',
    tests: ['gateway/test/tenantIsolation.e2e.test.ts', '-t', 'is a customer there'],
    says: /● an admin of one store at another store’s address is a customer there/,
  },
  {
    title: 'a cache of stores whose key says not which',
    file: 'gateway/caller/storeLookup.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text.
    search: '`organization ${reference.organizationId}`',
    replace: "'organization'",
    tests: ['gateway/test/tenantIsolation.e2e.test.ts', '-t', 'every query with a foreign id|every list holds'],
    says: /● every list holds the caller’s own rows only/,
  },
  {
    title: 'loaders that outlive their request',
    file: 'subgraphs/shared/requestContext.ts',
    search: 'private readonly made = new Map<object, unknown>();',
    replace: `private get made(): Map<object, unknown> {
    const world = globalThis as { made?: Map<object, unknown> };
    world.made ??= new Map();
    return world.made;
  }`,
    tests: ['subgraphs/product/test/entities.int.test.ts'],
    says: /● a reference to another store’s object, or with another type’s id, is null in its position/,
  },
  {
    title: 'an envelope whose signature nobody looks at',
    file: 'subgraphs/shared/caller.ts',
    search: "if (!isSignedWith(keysOf(secret), claims, proof)) throw new CallerRefused('signature does not verify');",
    replace: "if (!proof) throw new CallerRefused('signature does not verify');",
    tests: ['subgraphs/shared/test/caller.test.ts'],
    says: /● .*refuses an envelope for another subgraph, another body and another key/,
  },
  {
    title: 'a gateway that believes a client’s x-tenant-id',
    file: 'gateway/caller/identifyCaller.ts',
    search: 'const claimed = resolveCaller(identity, reference, store, seen);',
    replace:
      "const resolved = resolveCaller(identity, reference, store, seen);\n    const claimed = { ...resolved, tenantId: headers['x-tenant-id']?.[0] ?? resolved.tenantId };",
    tests: ['gateway/test/tenantIsolation.e2e.test.ts', '-t', 'headers that only the gateway may send'],
    says: /● headers that only the gateway may send change nothing/,
  },
  {
    title: 'look-ups that Prisma merges with another store’s are let through',
    file: 'subgraphs/shared/database.ts',
    search: 'query: { $allModels: { findUnique: refuse, findUniqueOrThrow: refuse } },',
    replace: 'query: { $allModels: { upsert: refuse } },',
    tests: ['subgraphs/shared/test/tenantPool.int.test.ts', '-t', 'findUnique and'],
    says: /● findUnique and \$transaction\(\[…\]\) are refused at run time, too/,
  },
  {
    title: 'a shopper who sees drafts',
    file: 'subgraphs/product/catalog/visibility.ts',
    search: 'return seesEverything({ caller }) ? { tenantId } : { tenantId, ...ON_SALE };',
    replace: 'return seesEverything({ caller }) ? { tenantId } : { tenantId };',
    tests: ['subgraphs/product/catalog/visibility.int.test.ts'],
    says: /● .*DRAFT|● .*draft/,
  },
  {
    title: 'an address of an image that nobody has to have signed',
    file: 'subgraphs/product/files/media.route.ts',
    search: 'if (!urls.isImage(params, params.signature))',
    replace: "if (params.signature === '')",
    tests: ROUTES,
    says: /● a route › product GET \/media\/images\/.*: store and file in the address of image/,
  },
  {
    title: 'an order about a store that believes its body',
    file: 'subgraphs/shared/lifecycle/lifecycle.route.ts',
    search: 'const { tenantId } = caller;',
    replace: 'const tenantId = (request.body as { tenantId?: string }).tenantId ?? caller.tenantId;',
    tests: ROUTES,
    says: /● a route › order POST \/internal\/lifecycle: a store beside the order to export one’s own/,
  },
  {
    title: 'an event of another store in one’s own envelope',
    file: 'subgraphs/shared/events/eventSigner.ts',
    search: 'if (tenantId !== event.tenantId)',
    replace: "if (tenantId === '')",
    tests: ROUTES,
    says: /● a route › tenant POST \/internal\/events: an event of its, proven/,
  },
];
