import { alignToKeys, groupByKey } from '../../shared/batches';
import type { CreditEntry } from '../generated/prisma/client';
import { loader } from '../loader';

const MAX_ENTRIES = 100;

// Without a check of its own: the fields that use it are for staff, for the customer whose credit it is, or for who has a card's code.

export const creditAccountById = loader(async ({ db, tenantId }, ids) => {
  const accounts = await db.creditAccount.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, accounts, (account) => account.id);
});

/** The store credit of accounts, by their Clerk user ids. */
export const creditByUserId = loader(async ({ db, tenantId }, userIds) => {
  const where = { tenantId, customerId: { in: [...userIds] } };
  const accounts = await db.creditAccount.findMany({ where, orderBy: { currencyCode: 'asc' } });
  return groupByKey(userIds, accounts, (account) => account.customerId ?? '');
});

export const creditByOrderId = loader(async ({ db, tenantId }, orderIds) => {
  const where = { tenantId, orderId: { in: [...orderIds] } };
  const paid = await db.orderCredit.findMany({
    where,
    orderBy: { position: 'asc' },
    include: { account: true },
    relationLoadStrategy: 'join',
  });
  return groupByKey(orderIds, paid, (part) => part.orderId);
});

/** The last entries of each account, newest first. */
export const entriesByAccountId = loader(async ({ db, tenantId }, ids) => {
  const entries = await db.$queryRaw<CreditEntry[]>`
    SELECT tenant_id AS "tenantId", entry.id, account_id AS "accountId", kind, amount, balance, key, order_id AS "orderId", actor_id AS "actorId",
      reason, created_at AS "createdAt"
    FROM unnest(${[...ids]}::text[]) AS account (id), LATERAL (
      SELECT * FROM credit_entries WHERE tenant_id = ${tenantId} AND account_id = account.id ORDER BY id DESC LIMIT ${MAX_ENTRIES}
    ) AS entry
    ORDER BY entry.id DESC`;
  return groupByKey(ids, entries, (entry) => entry.accountId);
});
