import { runInScope } from '../../shared/scope';
import { SEED, sample } from '../../shared/test/sample';
import { openTenantDatabase } from '../database';
import { deliver, deliveryOf } from '../test/delivery';
import { startTestSubgraph, type TenantSubgraphUnderTest } from '../test/startTestSubgraph';

let tenant: TenantSubgraphUnderTest;
let database: Awaited<ReturnType<typeof openTenantDatabase>>;

beforeAll(async () => {
  tenant = await startTestSubgraph();
  database = await openTenantDatabase(tenant.appUrl, 10);
});
afterAll(async () => {
  await database?.close();
  await tenant?.close();
});

interface StoryEvent {
  type: string;
  timestamp: number;
  data: Record<string, unknown>;
}

/** Clerk's events of one organization and one person, one a second. */
class Story {
  readonly events: StoryEvent[] = [];
  #now = Date.UTC(2026, 10, 1);

  constructor(readonly suffix: string) {}

  get organizationId() {
    return `org_${this.suffix}`;
  }
  get userId() {
    return `user_${this.suffix}`;
  }

  organization(type: 'created' | 'updated', name: string, slug: string): this {
    return this.#add(`organization.${type}`, { id: this.organizationId, name, slug: `${slug}-${this.suffix}` });
  }
  organizationDeleted(): this {
    return this.#add('organization.deleted', { id: this.organizationId, deleted: true });
  }
  membership(type: 'created' | 'updated' | 'deleted', role: string, membership = 1): this {
    return this.#add(`organizationMembership.${type}`, {
      id: `orgmem_${membership}_${this.suffix}`,
      organization: { id: this.organizationId },
      role,
      permissions: ['org:orders:read'],
      public_user_data: { user_id: this.userId, first_name: 'Ada', last_name: role, identifier: 'ada@example.com' },
      created_at: Date.UTC(2026, 9, membership),
    });
  }
  userDeleted(): this {
    return this.#add('user.deleted', { id: this.userId, deleted: true });
  }

  #add(type: string, data: Record<string, unknown>): this {
    this.#now += 1_000;
    this.events.push({ type, timestamp: this.#now, data: { ...data, updated_at: this.#now } });
    return this;
  }
}

/** Stories, each with how many of its 720 orders a run tries. */
const STORIES: [string, number, (story: Story) => Story][] = [
  [
    'a store opens, gets another slug and a member with another role, who leaves, and closes',
    60,
    (story) =>
      story
        .organization('created', 'Nike', 'nike')
        .organization('updated', 'Nike Inc', 'just')
        .membership('created', 'org:member')
        .membership('updated', 'org:admin')
        .membership('deleted', 'org:admin')
        .organizationDeleted(),
  ],
  [
    'a member leaves, comes back and is promoted, and their store is renamed',
    30,
    (story) =>
      story
        .organization('created', 'Nike', 'nike')
        .membership('created', 'org:member')
        .membership('deleted', 'org:member')
        .membership('created', 'org:member', 2)
        .membership('updated', 'org:admin', 2)
        .organization('updated', 'Nike Inc', 'nike'),
  ],
  [
    'a member of two memberships deletes their account',
    30,
    (story) =>
      story
        .organization('created', 'Nike', 'nike')
        .membership('created', 'org:member')
        .membership('updated', 'org:admin')
        .membership('deleted', 'org:admin')
        .membership('created', 'org:member', 2)
        .userDeleted(),
  ],
];

function* ordersOf<Item>(items: Item[]): Generator<Item[]> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries()) {
    for (const rest of ordersOf(items.filter((_, other) => other !== index))) yield [first, ...rest];
  }
}

/** The concurrent deliveries of an event interleave differently each time. */
const RUNS = Array.from({ length: 20 }, (_, run) => run);

let stories = 0;
const newSuffix = () => `story${++stories}x`;

/** The rows after a story, without ids, versions and times that differ in each run. */
async function rowsOf({ organizationId, userId, suffix }: Story): Promise<unknown> {
  const { db } = database;
  const rows = await runInScope({ tenantId: organizationId }, async () => ({
    tenant: await db.tenant.findFirst({
      where: { tenantId: organizationId },
      omit: { createdAt: true, updatedAt: true, version: true },
    }),
    settings: (await db.tenantSettings.findFirst({ where: { tenantId: organizationId } })) !== null,
    organization: await db.clerkOrganization.findFirst({ where: { tenantId: organizationId } }),
    members: await db.tenantMember.findMany({ where: { tenantId: organizationId } }),
  }));
  const user = await runInScope({ tenantId: userId }, () => db.clerkUser.findFirst({ where: { tenantId: userId } }));
  return JSON.parse(JSON.stringify({ ...rows, user }).replaceAll(suffix, '…'));
}

async function sendAll(story: Story, events: StoryEvent[]): Promise<void> {
  for (const [index, event] of events.entries()) {
    const delivery = deliveryOf(
      { object: 'event', ...event },
      { secret: tenant.secret, id: `msg_${story.suffix}_${index}` },
    );
    const { status, text } = await deliver(tenant.url, delivery);
    if (status !== 200) throw new Error(`${event.type}: ${status} ${text}`);
  }
}

describe.each(STORIES)('%s', (_title, count, write) => {
  const orders = sample([...ordersOf([0, 1, 2, 3, 4, 5])], count);
  it(`leaves the same rows in ${orders.length} orders of delivery, drawn by TEST_SEED=${SEED}`, async () => {
    const inOrder = write(new Story(newSuffix()));
    await sendAll(inOrder, inOrder.events);
    const expected = await rowsOf(inOrder);

    const worker = async () => {
      for (let order = orders.shift(); order; order = orders.shift()) {
        const story = write(new Story(newSuffix()));
        await sendAll(
          story,
          order.map((index) => story.events[index] as StoryEvent),
        );
        expect({ order, rows: await rowsOf(story) }).toEqual({ order, rows: expected });
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  }, 300_000);

  it('leaves the same rows when each delivery is sent twice, all concurrently', async () => {
    const inOrder = write(new Story(newSuffix()));
    await sendAll(inOrder, inOrder.events);
    const expected = await rowsOf(inOrder);
    for (const _run of sample(RUNS, 5)) {
      const story = write(new Story(newSuffix()));
      await Promise.all(
        [...story.events, ...story.events].map((event, index) =>
          deliver(
            tenant.url,
            deliveryOf(
              { object: 'event', ...event },
              { secret: tenant.secret, id: `msg_${story.suffix}_${index % 6}` },
            ),
          ).then(({ status }) => expect(status).toBe(200)),
        ),
      );
      expect(await rowsOf(story)).toEqual(expected);
    }
  }, 60_000);
});
