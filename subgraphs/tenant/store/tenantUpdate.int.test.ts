import { admin, customer, member, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { deliver, deliveryOf, organizationCreated } from '../test/delivery';
import { BASE_DOMAIN, startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

const UPDATE =
  'mutation ($input: TenantUpdateInput!) { tenantUpdate(input: $input) { tenant { name slug version primaryHost } userErrors { field code message } } }';

let tenant: TenantSubgraphUnderTest;
beforeAll(async () => {
  tenant = await startTestSubgraph();
});
afterAll(() => tenant?.close());

let stores = 0;
async function makeStore(): Promise<{ id: string; slug: string }> {
  const slug = `store${++stores}`;
  const event = organizationCreated({ slug });
  const { status } = await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  if (status !== 200) throw new Error(`No store: ${status}`);
  return { id: event.data.id, slug };
}

const update = async (id: string, input: object) => (await tenant.ask(admin(id), UPDATE, { input })).data.tenantUpdate;

/** The store at this slug, as the gateway looks it up. */
async function ownerOf(slug: string): Promise<string | null> {
  const query = `{ tenantByDomain(domain: "${slug}.${BASE_DOMAIN}") { id } }`;
  return (await tenant.ask(service(null), query)).data.tenantByDomain?.id ?? null;
}

const letExpire = (id: string, slug: string) =>
  asOwner(
    tenant.ownerUrl,
    id,
    `UPDATE tenant_slugs SET expires_at = now() - interval '1 s' WHERE tenant_id = $1 AND slug = $2`,
    [id, slug],
  );

it.each([visitor, customer, member])('is refused to callers who do not manage the store', async (caller) => {
  const { id } = await makeStore();
  const { errors } = await tenant.ask(caller(id), UPDATE, { input: { name: 'Mine' } });
  expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
});

it.each([
  ['an empty name', { name: '  ' }, 'name', 'REQUIRED'],
  ['a name of 257 characters', { name: 'x'.repeat(257) }, 'name', 'INVALID'],
  ['a name with a control character', { name: 'a\u0007b' }, 'name', 'INVALID'],
  ['no name', { name: null }, 'name', 'REQUIRED'],
  ['no slug', { slug: null }, 'slug', 'REQUIRED'],
  ['a slug in capitals', { slug: 'Nike' }, 'slug', 'INVALID'],
  ['a slug with a dot', { slug: 'a.b' }, 'slug', 'INVALID'],
  ['a slug that begins with a hyphen', { slug: '-a' }, 'slug', 'INVALID'],
  ['a slug of 64 characters', { slug: 'a'.repeat(64) }, 'slug', 'INVALID'],
  ['a slug in punycode', { slug: 'xn--bcher-kva' }, 'slug', 'INVALID'],
  ['a slug that is reserved for the platform', { slug: 'admin' }, 'slug', 'TAKEN'],
])('%s is refused and changes nothing', async (_what, input, field, code) => {
  const { id } = await makeStore();
  const before = await checksumOfTenant(tenant.ownerUrl, id);
  const answer = await update(id, input);
  expect(answer.userErrors).toEqual([
    { field: ['input', field], code, message: expect.stringMatching(/^Expected|^Th/) },
  ]);
  expect(await checksumOfTenant(tenant.ownerUrl, id)).toEqual(before);
});

describe('a slug', () => {
  it('of another store is TAKEN, also one that it has given up recently', async () => {
    const [own, other] = [await makeStore(), await makeStore()];
    await update(other.id, { slug: `${other.slug}-moved` });
    for (const slug of [other.slug, `${other.slug}-moved`]) {
      const { tenant: changed, userErrors } = await update(own.id, { slug, name: 'Not this' });
      expect([changed, userErrors]).toMatchObject([null, [{ field: ['input', 'slug'], code: 'TAKEN' }]]);
    }
    expect((await update(own.id, { expectedVersion: 1 })).tenant).toMatchObject({ slug: own.slug, name: 'Nike' });
  });

  it('that a store has given up still finds it, with its current primaryHost, until it expires; then it is free', async () => {
    const [own, other] = [await makeStore(), await makeStore()];
    const moved = `${own.slug}-moved`;
    expect((await update(own.id, { slug: moved })).tenant).toMatchObject({
      slug: moved,
      primaryHost: `${moved}.${BASE_DOMAIN}`,
    });
    expect([await ownerOf(own.slug), await ownerOf(moved)]).toEqual([own.id, own.id]);
    await letExpire(own.id, own.slug);
    expect(await ownerOf(own.slug)).toBeNull();
    expect((await update(other.id, { slug: own.slug })).userErrors).toEqual([]);
    expect(await ownerOf(own.slug)).toBe(other.id);
  });

  it('can be taken back by the store that has given it up', async () => {
    const { id, slug } = await makeStore();
    await update(id, { slug: `${slug}-moved` });
    expect((await update(id, { slug })).tenant.slug).toBe(slug);
    expect(await ownerOf(`${slug}-moved`)).toBe(id);
  });

  it('that ten stores want concurrently is given to one', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, makeStore));
    const wanted = `wanted${all[0]?.slug}`;
    const answers = await Promise.all(all.map(({ id }) => update(id, { slug: wanted })));
    const codes = answers.map(({ userErrors }) => userErrors.map(({ code }: { code: string }) => code).join());
    expect(codes.sort()).toEqual(['', ...Array.from({ length: 9 }, () => 'TAKEN')]);
  });

  it('that a store has given up is not given to a new organization, which gets another', async () => {
    const { id, slug } = await makeStore();
    await update(id, { slug: `${slug}-moved` });
    const event = organizationCreated({ slug });
    await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
    expect(await ownerOf(slug)).toBe(id);
    const { data } = await tenant.ask(admin(event.data.id), '{ currentTenant { slug } }');
    expect(data.currentTenant.slug).toMatch(new RegExp(`^${slug}-.{8}$`));
  });
});

it('of ten concurrent changes of one version one succeeds; the others get STALE_VERSION with the current store', async () => {
  const { id } = await makeStore();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => update(id, { name: `Name ${n}`, expectedVersion: 1 })),
  );
  const done = answers.filter(({ userErrors }) => userErrors.length === 0);
  expect(done).toHaveLength(1);
  for (const answer of answers.filter((it) => it !== done[0])) {
    expect(answer.userErrors).toMatchObject([{ field: ['input', 'expectedVersion'], code: 'STALE_VERSION' }]);
    expect(answer.tenant).toEqual(done[0]?.tenant);
  }
});

it('an update that changes nothing publishes no event and keeps the version', async () => {
  const { id, slug } = await makeStore();
  const before = await checksumOfTenant(tenant.ownerUrl, id);
  for (const input of [{}, { name: ' Nike ' }, { slug }, { name: 'Nike', slug, expectedVersion: 1 }]) {
    expect(await update(id, input)).toMatchObject({ tenant: { name: 'Nike', slug, version: 1 }, userErrors: [] });
  }
  expect(await checksumOfTenant(tenant.ownerUrl, id)).toEqual(before);
  expect((await update(id, { expectedVersion: 2 })).userErrors).toMatchObject([{ code: 'STALE_VERSION' }]);
});

it("a change of the organization's name does not replace the slug that the store has chosen", async () => {
  const slug = `own${++stores}`;
  const event = organizationCreated({ slug });
  await deliver(tenant.url, deliveryOf(event, { secret: tenant.secret }));
  await update(event.data.id, { slug: `${slug}-chosen` });
  const renamed = { ...event, type: 'organization.updated' };
  renamed.data = { ...event.data, name: 'Renamed', updated_at: Date.now() + 1_000 };
  await deliver(tenant.url, deliveryOf(renamed, { secret: tenant.secret }));
  const { data } = await tenant.ask(admin(event.data.id), '{ currentTenant { name slug } }');
  expect(data.currentTenant).toEqual({ name: 'Renamed', slug: `${slug}-chosen` });
});
