import { type DnsServer, startDnsServer } from '../../subgraphs/tenant/test/dnsServer';
import { OwnSupergraph } from './ownSupergraph';

let graph: OwnSupergraph;
let dns: DnsServer;

beforeAll(async () => {
  dns = await startDnsServer();
  graph = await OwnSupergraph.start({ DNS_SERVERS: dns.address });
}, 120_000);
afterAll(async () => {
  await graph?.stop();
  await dns?.close();
}, 60_000);

const WHERE = '{ currentTenant { id slug primaryHost } }';
const at = (host: string) => ({ 'x-store-domain': host });

it('a store is found at its new address, and at the former one, which names the new one', async () => {
  const store = await graph.makeStore('moving');
  const slug = `${store.slug}-moved`;
  const moved = await graph.ask(
    store.admin,
    'mutation ($slug: String!) { tenantUpdate(input: { slug: $slug }) { tenant { slug } userErrors { code } } }',
    { slug },
  );
  expect(moved.body.data.tenantUpdate).toEqual({ tenant: { slug }, userErrors: [] });
  for (const label of [store.slug, slug]) {
    const { body } = await graph.ask(at(`${label}.localhost`), WHERE);
    expect(body.data.currentTenant).toEqual({ id: store.id, slug, primaryHost: `${slug}.localhost` });
  }
});

it('a custom domain leads to the store once its DNS record exists, and not before', async () => {
  const store = await graph.makeStore('domains');
  const added = await graph.ask(
    store.admin,
    'mutation { tenantDomainAdd(input: { host: "Shop.Example.com" }) { tenantDomain { host verificationRecord { name value } } userErrors { code } } }',
  );
  const { host, verificationRecord } = added.body.data.tenantDomainAdd.tenantDomain;
  const before = await graph.ask(at('another.example.com'), WHERE);
  expect(before.body.errors[0].extensions.code).toBe('STORE_NOT_FOUND');

  dns.records.set(verificationRecord.name, [[verificationRecord.value]]);
  const verify =
    'mutation ($host: String!) { tenantDomainVerify(host: $host) { tenantDomain { verifiedAt } userErrors { code } } }';
  const verified = await graph.ask(store.admin, verify, { host });
  expect(verified.body.data.tenantDomainVerify.userErrors).toEqual([]);
  const setPrimary = 'mutation ($host: String!) { tenantDomainSetPrimary(host: $host) { userErrors { code } } }';
  expect((await graph.ask(store.admin, setPrimary, { host })).body.data.tenantDomainSetPrimary.userErrors).toEqual([]);

  const { body } = await graph.ask(at('SHOP.example.com.:443'), WHERE);
  expect(body.data.currentTenant).toEqual({ id: store.id, slug: store.slug, primaryHost: 'shop.example.com' });
});
