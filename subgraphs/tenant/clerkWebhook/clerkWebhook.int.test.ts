import { errorsBody } from '../../shared/errors';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import {
  type Delivery,
  deliver,
  deliveryOf,
  newDeliveryId,
  newOrganizationId,
  organizationCreated,
} from '../test/delivery';
import { startSubgraphHere, type TenantSubgraphHere } from '../test/startSubgraphHere';
import { newSecret } from '../test/startTestSubgraph';

let tenant: TenantSubgraphHere;

beforeAll(async () => {
  tenant = await startSubgraphHere();
});
afterAll(() => tenant?.close());

const send = (delivery: Delivery) => deliver(tenant.url, delivery);
const signed = (event: unknown, options: { id?: string; at?: Date } = {}) =>
  deliveryOf(event, { secret: tenant.secret, ...options });

/** How many rows of an organization each table has, without empty ones. */
async function rowsOf(id: string): Promise<Record<string, number>> {
  const sums = await checksumOfTenant(tenant.ownerUrl, id);
  const counts = Object.entries(sums).map(([table, sum]) => [table, Number.parseInt(sum, 10)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
const NOTHING = {};
const ONE_STORE = {
  clerk_organizations: 1,
  tenant_slugs: 1,
  tenants: 1,
  tenant_settings: 1,
  tenant_billing: 1,
  inbox_events: 1,
  outbox_events: 1,
};

async function slugOf(id: string): Promise<string | undefined> {
  const [row] = await asOwner<{ slug: string }>(tenant.ownerUrl, id, 'SELECT slug FROM tenants WHERE tenant_id = $1', [
    id,
  ]);
  return row?.slug;
}

describe('a delivery that Clerk did not sign', () => {
  const without = (delivery: Delivery, ...names: string[]): Delivery => ({
    ...delivery,
    headers: Object.fromEntries(Object.entries(delivery.headers).filter(([name]) => !names.includes(name))),
  });
  const changed = (delivery: Delivery, name: string, change: (value: string) => string): Delivery => ({
    ...delivery,
    headers: { ...delivery.headers, [name]: change(delivery.headers[name] ?? '') },
  });
  const SVIX = ['svix-id', 'svix-timestamp', 'svix-signature'];

  it.each<[string, (delivery: Delivery) => Delivery]>([
    ['without any signature', (delivery) => without(delivery, ...SVIX)],
    ...SVIX.map((name): [string, (delivery: Delivery) => Delivery] => [
      `without ${name}`,
      (delivery) => without(delivery, name),
    ]),
    ['with an empty signature', (delivery) => changed(delivery, 'svix-signature', () => '')],
    ['with a truncated signature', (delivery) => changed(delivery, 'svix-signature', (value) => value.slice(0, -2))],
    [
      'with a signature of version 2',
      (delivery) => changed(delivery, 'svix-signature', (value) => `v2${value.slice(2)}`),
    ],
    ['with a version and no signature', (delivery) => changed(delivery, 'svix-signature', () => 'v1')],
    ['under another id', (delivery) => changed(delivery, 'svix-id', newDeliveryId)],
    ['at another time', (delivery) => changed(delivery, 'svix-timestamp', (value) => String(Number(value) - 1))],
    ['at no time', (delivery) => changed(delivery, 'svix-timestamp', () => 'now')],
    [
      'with its body written another way',
      ({ headers, body }) => ({ headers, body: JSON.stringify(JSON.parse(body), null, 1) }),
    ],
    ['with another body', ({ headers, body }) => ({ headers, body: body.replace('"Nike"', '"Evil"') })],
    ['without a body', ({ headers }) => ({ headers, body: '' })],
    ['signed by another secret', ({ body }) => deliveryOf(body, { secret: newSecret() })],
    // The library that verifies accepts these names, too; the id that makes deliveries idempotent is read from Svix's.
    [
      'under the header names of another standard',
      ({ headers, body }) => ({
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name.replace('svix', 'webhook'), value]),
        ),
        body,
      }),
    ],
  ])('is refused %s: 400, and nothing is written', async (_how, forge) => {
    const event = organizationCreated();
    const { status, text } = await send(forge(signed(event)));
    expect([status, JSON.parse(text)]).toEqual([400, errorsBody('BAD_REQUEST', 'The signature does not verify.')]);
    expect(await rowsOf(event.data.id)).toEqual(NOTHING);
  });

  it.each([
    [-301, 400],
    [-300, 200],
    [-299, 200],
    [299, 200],
    [300, 200],
    [301, 400],
  ])('sent %d s from now is answered %d', async (seconds, expected) => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      const event = organizationCreated();
      const { status } = await send(signed(event, { at: new Date(now + seconds * 1000) }));
      expect(status).toBe(expected);
      expect(await rowsOf(event.data.id)).toEqual(expected === 200 ? ONE_STORE : NOTHING);
    } finally {
      clock.mockRestore();
    }
  });

  it('is refused by a secret that was rotated out; while both are configured, each of the two signs', async () => {
    const [old, current] = [newSecret(), newSecret()];
    const rotating = await startSubgraphHere({ secrets: [old, current] });
    try {
      for (const secret of [old, current]) {
        expect((await deliver(rotating.url, deliveryOf(organizationCreated(), { secret }))).status).toBe(200);
      }
      const both = deliveryOf(organizationCreated(), { secret: current });
      const foreign = deliveryOf(both.body, { secret: newSecret(), id: both.headers['svix-id'] ?? '' });
      both.headers['svix-signature'] = `${foreign.headers['svix-signature']} ${both.headers['svix-signature']}`;
      expect((await deliver(rotating.url, both)).status).toBe(200);
    } finally {
      await rotating.close();
    }
    const rotated = await startSubgraphHere({ secrets: [current] });
    try {
      const send = (secret: string) => deliver(rotated.url, deliveryOf(organizationCreated(), { secret }));
      expect([(await send(old)).status, (await send(current)).status]).toEqual([400, 200]);
    } finally {
      await rotated.close();
    }
  });
});

describe('a delivery that can’t be read', () => {
  it.each<[string, unknown]>([
    ['no JSON', 'organization.created'],
    ['half a JSON', '{"type": "organization.created", '],
    ['null', 'null'],
    ['a list', []],
    ['no type', { data: {} }],
    ['no data', { type: 'organization.created' }],
    ['no data.id', organizationCreated({ id: undefined })],
    ['a user’s id', organizationCreated({ id: 'user_1' })],
    ['an id with a quote', organizationCreated({ id: "org_1'; DROP TABLE tenants" })],
    ['no name', organizationCreated({ name: undefined })],
    ['an empty name', organizationCreated({ name: '' })],
    ['a NUL in the name', organizationCreated({ name: 'a\u0000b' })],
    ['a slug that is a number', organizationCreated({ slug: 7 })],
  ])('is refused for good, 400, with %s', async (_what, event) => {
    const { status, text } = await send(signed(event));
    expect(status).toBe(400);
    expect(text).not.toMatch(/prisma|postgres|DROP|Nike/i);
  });

  it('is refused, 413, above 256 KiB, however it is sent', async () => {
    const event = { ...organizationCreated(), padding: 'x'.repeat(256 * 1024) };
    expect((await send(signed(event))).status).toBe(413);
    const { headers, body } = signed(event);
    const stream = new Blob([body]).stream();
    const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit;
    expect((await fetch(`${tenant.url}/webhooks/clerk`, init)).status).toBe(413);
    expect(await rowsOf(event.data.id)).toEqual(NOTHING);
  });

  it('is ignored, 2xx, when its type is not used here: Clerk adds types', async () => {
    for (const type of ['organization.shrunk', 'user.created', 'session.created']) {
      const event = { ...organizationCreated(), type };
      expect(await send(signed(event))).toEqual({ status: 200, text: '{"outcome":"ignored"}' });
      expect(await rowsOf(event.data.id)).toEqual(NOTHING);
    }
  });
});

describe('organization.created', () => {
  it('makes the store with its settings, whatever else the event holds', async () => {
    const event = {
      ...organizationCreated({ name: 'Nike', members_count: 3, public_metadata: { a: [] } }),
      instance_id: 'x',
    };
    expect(await send(signed(event))).toEqual({ status: 200, text: '{"outcome":"applied"}' });
    const { id } = event.data;
    expect(await rowsOf(id)).toEqual(ONE_STORE);
    const [row] = await asOwner(tenant.ownerUrl, id, 'SELECT tenant_id, name, slug, status::text FROM tenants');
    expect(row).toEqual({ tenant_id: id, name: 'Nike', slug: event.data.slug, status: 'ACTIVE' });
  });

  it('has one effect, and is answered 200, when one delivery is sent 20 times concurrently and once again later', async () => {
    const event = organizationCreated();
    const delivery = signed(event);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(delivery)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ text }) => text.includes('applied'))).toHaveLength(1);
    const before = await checksumOfTenant(tenant.ownerUrl, event.data.id);

    const later = signed(event, { id: delivery.headers['svix-id'] ?? '', at: new Date(Date.now() + 60_000) });
    expect(await send(later)).toEqual({ status: 200, text: '{"outcome":"repeated"}' });
    expect(await checksumOfTenant(tenant.ownerUrl, event.data.id)).toEqual(before);
    expect(await rowsOf(event.data.id)).toEqual(ONE_STORE);
  });

  it('delivered several times concurrently makes one store, and no delivery has to be sent again', async () => {
    for (let run = 0; run < 10; run += 1) {
      const event = organizationCreated();
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(signed(event))));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(answers.filter(({ text }) => text.includes('applied'))).toHaveLength(1);
      expect(await rowsOf(event.data.id)).toMatchObject({ tenants: 1, tenant_settings: 1 });
    }
  });

  it('does not change a store when it brings nothing new', async () => {
    const event = organizationCreated();
    await send(signed(event));
    const other = { ...event, data: { ...event.data, name: 'Renamed', slug: 'renamed' } };
    expect((await send(signed(other))).text).toBe('{"outcome":"outdated"}');
    expect(await slugOf(event.data.id)).toBe(event.data.slug);
  });

  it('gives another slug to the second store that wants one, also of ten concurrently', async () => {
    const events = Array.from({ length: 10 }, () => organizationCreated({ slug: 'same-slug' }));
    const answers = await Promise.all(events.map((event) => send(signed(event))));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['{"outcome":"applied"}']));
    const slugs = await Promise.all(events.map(({ data }) => slugOf(data.id)));
    expect(new Set(slugs).size).toBe(10);
    expect(slugs.filter((slug) => slug === 'same-slug')).toHaveLength(1);
    for (const slug of slugs) expect(slug).toMatch(/^same-slug(-[a-z0-9]{8})?$/);
  });

  it('finds a free slug even if the second choice is taken, too', async () => {
    const id = newOrganizationId();
    const end = id.slice(-8).toLowerCase();
    for (const slug of ['chosen', `chosen-${end}`]) await send(signed(organizationCreated({ slug })));
    expect((await send(signed(organizationCreated({ id, slug: 'chosen' })))).status).toBe(200);
    expect(await slugOf(id)).toMatch(/^chosen-[a-z0-9-]+$/);
  });

  it.each([
    ['no slug', { slug: undefined, name: 'Air & Max 90' }, /^air-max-90$/],
    ['a null slug', { slug: null, name: 'Café Noir' }, /^cafe-noir$/],
    ['an empty slug', { slug: '', name: 'Puma Shop' }, /^puma-shop$/],
    ['a name without Latin letters', { slug: null, name: '株式会社' }, /^store-[a-z0-9]{8}$/],
    ['a slug that is no host name', { slug: '-Über_Shop-' }, /^uber-shop$/],
    ['a slug of 300 characters', { slug: 's'.repeat(300) }, /^s{50}$/],
    ['a slug that is reserved for the platform', { slug: 'www' }, /^www-[a-z0-9]{8}$/],
  ])('with %s gets a slug all the same', async (_what, changes, expected) => {
    const event = organizationCreated(changes);
    expect(await send(signed(event))).toEqual({ status: 200, text: '{"outcome":"applied"}' });
    expect(await slugOf(event.data.id)).toMatch(expected);
  });
});

describe('while the database', () => {
  it('fails half-way, the response is 5xx and everything is rolled back; the next delivery has its effect', async () => {
    const event = organizationCreated();
    const delivery = signed(event);
    for (const table of ['tenants', 'tenant_settings']) {
      await asOwner(tenant.ownerUrl, event.data.id, `REVOKE INSERT ON ${table} FROM tenant_app`);
      const { status, text } = await send(delivery);
      await asOwner(tenant.ownerUrl, event.data.id, `GRANT INSERT ON ${table} TO tenant_app`);
      expect([status, JSON.parse(text)]).toEqual([
        500,
        errorsBody('INTERNAL_SERVER_ERROR', 'Not processed: send it again.'),
      ]);
      expect(await rowsOf(event.data.id)).toEqual(NOTHING);
    }
    expect((await send(delivery)).text).toBe('{"outcome":"applied"}');
    expect(await rowsOf(event.data.id)).toEqual(ONE_STORE);
  });

  it('is down, the response is 5xx; the same delivery has its effect when it is up again', async () => {
    const event = organizationCreated();
    const delivery = signed(event);
    await tenant.proxy.cut();
    const refused = await Promise.all([send(delivery), send(delivery)]);
    await tenant.proxy.open();
    for (const { status, text } of refused) {
      expect(status).toBeGreaterThanOrEqual(500);
      expect(text).not.toMatch(/127\.0\.0\.1|ECONN|prisma|postgres/i);
    }
    expect((await send(delivery)).text).toBe('{"outcome":"applied"}');
    expect(await rowsOf(event.data.id)).toEqual(ONE_STORE);
  });
});
