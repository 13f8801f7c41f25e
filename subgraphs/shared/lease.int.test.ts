import {
  backOffSeconds,
  failedAttempt,
  fencedLease,
  type Lease,
  LeaseLost,
  requireLease,
  unfencedLease,
} from './lease';
import { runInScope } from './scope';
import { freshTenantId } from './test/askSubgraph';
import { asOwner } from './test/asOwner';
import { type OutboxUnderTest, openOutbox } from './test/eventHarness';

const counted = fencedLease('outbox_leases', 30);
/** The same table as one without a counter. */
const timed = unfencedLease('outbox_leases', 30);

let outbox: OutboxUnderTest;
beforeAll(async () => {
  outbox = await openOutbox();
});
afterAll(() => outbox?.close());

/** A store with one row that has a lease, which nobody holds. */
async function freeRow(): Promise<string> {
  const tenantId = freshTenantId();
  await asOwner(
    outbox.ownerUrl,
    tenantId,
    `INSERT INTO outbox_leases (tenant_id, lane, lease_until) VALUES ($1, 'test', now() - interval '1 second')`,
    [tenantId],
  );
  return tenantId;
}

/** Lets the lease expire. */
const letRunOut = (tenantId: string) =>
  asOwner(outbox.ownerUrl, tenantId, `UPDATE outbox_leases SET lease_until = now() - interval '1 millisecond'`);

const secondsLeft = async (tenantId: string) => {
  const [row] = await asOwner<{ seconds: number }>(
    outbox.ownerUrl,
    tenantId,
    'SELECT extract(epoch FROM lease_until - now())::float8 AS seconds FROM outbox_leases',
  );
  return row?.seconds;
};

const claim = <Token>(tenantId: string, lease: Lease<Token>): Promise<Token | null> =>
  runInScope({ tenantId }, async () => {
    const [claimed] = await outbox.db.$queryRaw<{ fence: Token }[]>`
      UPDATE outbox_leases SET ${lease.claim} WHERE tenant_id = ${tenantId} AND ${lease.isFree} RETURNING ${lease.token}`;
    return claimed?.fence ?? null;
  });

async function claimed<Token>(tenantId: string, lease: Lease<Token>): Promise<Token> {
  const fence = await claim(tenantId, lease);
  if (fence === null) throw new Error('The lease is not free');
  return fence;
}

function holds<Token>(lease: Lease<Token>) {
  const write = (tenantId: string, set: 'renew' | 'release', fence: Token) =>
    runInScope(
      { tenantId },
      () =>
        outbox.db.$executeRaw`
        UPDATE outbox_leases SET ${lease[set]} WHERE tenant_id = ${tenantId} AND ${lease.isHeldBy(fence)}`,
    );

  it('is refused while another process holds it', async () => {
    const tenantId = await freeRow();
    await claimed(tenantId, lease);
    expect(await claim(tenantId, lease)).toBeNull();
  });

  it('goes to one of many concurrent claims', async () => {
    const tenantId = await freeRow();
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(tenantId, lease)));
    expect(claims.filter((fence) => fence !== null)).toHaveLength(1);
  });

  it('fences off its previous holder’s writes', async () => {
    const tenantId = await freeRow();
    const before = await claimed(tenantId, lease);
    await letRunOut(tenantId);
    await claimed(tenantId, lease);

    expect(await write(tenantId, 'renew', before)).toBe(0);
    expect(await write(tenantId, 'release', before)).toBe(0);
    expect(await secondsLeft(tenantId)).toBeGreaterThan(20);
  });

  it('is free immediately when its holder releases it', async () => {
    const tenantId = await freeRow();
    expect(await write(tenantId, 'release', await claimed(tenantId, lease))).toBe(1);
    await claimed(tenantId, lease);
  });

  it('is extended to its full duration when its holder renews it', async () => {
    const tenantId = await freeRow();
    expect(await write(tenantId, 'renew', await claimed(tenantId, lease))).toBe(1);
    expect(await secondsLeft(tenantId)).toBeGreaterThan(25);
  });
}

describe('a lease with a counter', () => holds(counted));
describe('a lease without a counter', () => holds(timed));

it('can be revoked from its holder, who then can’t write any more', async () => {
  const tenantId = await freeRow();
  const fence = await claimed(tenantId, counted);
  await runInScope(
    { tenantId },
    () => outbox.db.$executeRaw`UPDATE outbox_leases SET ${counted.revoke} WHERE tenant_id = ${tenantId}`,
  );
  const written = await runInScope(
    { tenantId },
    () =>
      outbox.db.$executeRaw`
      UPDATE outbox_leases SET ${counted.renew} WHERE tenant_id = ${tenantId} AND ${counted.isHeldBy(fence)}`,
  );
  expect(() => requireLease(written)).toThrow(LeaseLost);
  await claimed(tenantId, counted);
});

it('is free when it was never claimed', () => {
  expect(timed.isFree.text).toBe('(outbox_leases.lease_until IS NULL OR outbox_leases.lease_until <= now())');
});

it('is postponed by a failed attempt, which keeps the name of an error and not its message', () => {
  const { text, values } = failedAttempt(counted, 8, new TypeError('jane@example.com is no number'));
  expect(text).toBe('lease_until = now() + make_interval(secs => $1), attempts = attempts + 1, last_error = $2');
  expect(values).toEqual([8, 'TypeError']);
  expect(failedAttempt(counted, 8, null).values).toEqual([8, null]);
  expect(failedAttempt(counted, 8, 'a text').values).toEqual([8, 'unknown']);
});

it('is postponed twice as long after each attempt, up to a limit', () => {
  expect([0, 1, 2, 5, 6, 2_000].map((attempts) => backOffSeconds(attempts, 60))).toEqual([1, 2, 4, 32, 60, 60]);
});
