import { emailKey } from '../../shared/email';
import { notFound, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { type Customer, Prisma } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { searchTerms } from '../orders/searchTerms';
import { eraseStoreCredit } from '../storeCredit/eraseStoreCredit';

const ERASED = 'Erased';
/** RFC 2606 reserves .invalid, so no message is ever delivered to it. */
const ERASED_EMAIL = 'erased@erased.invalid';

export function customerErase(ctx: Context, id: string) {
  return payload<'customer', Customer, UserErrorCode>('customer', () => eraseCustomer(ctx.db, ctx.tenantId, id));
}

/**
 * Erases a customer's personal data: name, address, e-mail address, account and messages. Their orders are kept, because the store has to
 * keep its books: items and amounts, and of the addresses the country, for the taxes. Idempotent.
 * @throws UserErrors NOT_FOUND; INVALID_TRANSITION while an order is PENDING or CONFIRMED, because it needs its address.
 */
function eraseCustomer(db: Db, tenantId: string, id: string): Promise<Customer> {
  return db.$transaction(async (tx) => {
    const customer = await tx.customer.findFirst({ where: { tenantId, id } });
    if (!customer) throw new UserErrors(notFound('customer'));
    if (customer.erasedAt) return customer;
    const orderIds = await lockOrders(tx, customer);
    await eraseInOrders(tx, customer, orderIds);
    await tx.customerSearchTerm.deleteMany({ where: { tenantId, customerId: id } });
    const [erased] = await tx.customer.updateManyAndReturn({
      where: { tenantId, id },
      data: { buyerKey: `erased:${id}`, userId: null, email: null, name: null, tags: [], erasedAt: new Date() },
    });
    if (!erased) throw new Error('A customer with locked orders is gone');
    return erased;
  });
}

/**
 * Erases the data of a deleted account in one store: as {@link eraseCustomer}, and also their carts and unconfirmed orders, which an account
 * can have without being a customer. Idempotent.
 * @throws UserErrors INVALID_TRANSITION while an order is PENDING or CONFIRMED.
 */
export async function eraseUser(db: Db, tenantId: string, userId: string): Promise<void> {
  const customer = await db.customer.findFirst({ where: { tenantId, userId }, select: { id: true } });
  if (customer) await eraseCustomer(db, tenantId, customer.id);
  await db.$transaction(async (tx) => {
    const person = { tenantId, id: null, userId, email: null };
    await eraseInOrders(tx, person, await lockOrders(tx, person));
    await tx.cart.deleteMany({ where: { tenantId, customerId: userId } });
  });
}

/** Whose data is erased: a customer, or an account that is no customer. */
type Person = Pick<Customer, 'tenantId' | 'userId' | 'email'> & { id: string | null };

/** @returns the ids of all their orders, including refused ones, which have no customer. @throws UserErrors */
async function lockOrders(tx: Tx, { tenantId, id, userId, email }: Person): Promise<string[]> {
  const orders = await tx.$queryRaw<{ id: string; status: string }[]>`
    SELECT id, status::text FROM orders
    WHERE tenant_id = ${tenantId} AND (buyer_id = ${id} OR customer_id = ${userId}
      OR (${userId}::text IS NULL AND customer_id IS NULL AND buyer_id IS NULL AND lower(email) = lower(${email})))
    ORDER BY id FOR NO KEY UPDATE`;
  if (orders.some(({ status }) => status === 'PENDING' || status === 'CONFIRMED')) {
    const message = 'An order is under way and needs its address: fulfill it or cancel it first.';
    throw refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', message);
  }
  return orders.map((order) => order.id);
}

/** An expression: an address without all that says whose it is. */
const erasedAddress = (column: Prisma.Sql) => Prisma.sql`CASE WHEN ${column} IS NOT NULL THEN
  jsonb_build_object('name', ${ERASED}::text, 'line1', ${ERASED}::text, 'city', ${ERASED}::text, 'countryCode', ${column}->>'countryCode') END`;

async function eraseInOrders(tx: Tx, { tenantId, userId }: Person, orderIds: string[]): Promise<void> {
  const ofOrders = { tenantId, orderId: { in: orderIds } };
  const known = await tx.order.findMany({
    where: { tenantId, id: { in: orderIds } },
    select: { email: true, shippingAddress: true, billingAddress: true },
  });
  const personalTexts = known.flatMap(({ email, shippingAddress, billingAddress }) => [
    email,
    shippingAddress?.name,
    billingAddress?.name,
  ]);
  await tx.orderSearchTerm.deleteMany({ where: { ...ofOrders, term: { in: searchTerms(personalTexts) } } });
  await tx.$executeRaw`
    UPDATE orders SET email = ${ERASED_EMAIL}, customer_id = NULL, erased_at = now(), version = version + 1,
      buyer_note = NULL, attributes = '[]'::jsonb,
      shipping_address = ${erasedAddress(Prisma.sql`shipping_address`)}, billing_address = ${erasedAddress(Prisma.sql`billing_address`)}
    WHERE tenant_id = ${tenantId} AND id = ANY (${orderIds})`;
  if (userId !== null) {
    await eraseStoreCredit(tx, tenantId, userId);
    await tx.orderStatusHistory.updateMany({ where: { ...ofOrders, actorId: userId }, data: { actorId: null } });
  }
  await tx.discountRedemption.updateMany({ where: ofOrders, data: { customerId: null, email: ERASED_EMAIL } });
  await tx.$executeRaw`
    UPDATE credit_accounts SET recipient_email = NULL
    WHERE tenant_id = ${tenantId} AND lower(recipient_email) = ANY (${known.map((order) => emailKey(order.email))})`;
  // Whose store credit was to be used; it was read when the order was priced.
  await tx.orderQuote.updateMany({ where: ofOrders, data: { credit: Prisma.DbNull } });
  // A payment token identifies its owner at the provider.
  await tx.payment.updateMany({ where: ofOrders, data: { token: null, clientSecret: null } });
  await tx.orderItem.updateMany({ where: ofOrders, data: { attributes: [] } });
  await tx.$executeRaw`
    UPDATE order_sagas SET payment_token = NULL,
      lines = (SELECT coalesce(jsonb_agg(line - 'attributes'), '[]') FROM jsonb_array_elements(lines) AS line)
    WHERE tenant_id = ${tenantId} AND order_id = ANY (${orderIds})`;
  await tx.idempotencyKey.deleteMany({ where: ofOrders });
  const cartsOfUser = userId === null ? [] : [{ customerId: userId }];
  await tx.cart.deleteMany({
    where: {
      tenantId,
      OR: [
        ...cartsOfUser,
        { orderId: { in: orderIds } },
        { customerId: null, email: { in: known.map(({ email }) => email) } },
      ],
    },
  });
}
