import { isUniqueViolation } from '../../shared/constraints';
import { newId } from '../../shared/ids';
import { lockResource } from '../../shared/lockResource';
import { formatMoney } from '../../shared/money';
import { requireUpdated } from '../../shared/optimisticLocking';
import { type Connection, readPage, toConnection } from '../../shared/pagination';
import { limitReached, notFound, payload, staleVersion, taken, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Discount } from '../generated/prisma/client';
import type {
  DiscountCreateInput,
  DiscountUpdateInput,
  QueryDiscountsArgs,
  UserErrorCode,
} from '../generated/resolvers';
import { CODE_TAKEN } from './codeInput';
import { readChangedDiscount, readNewDiscount } from './discountInput';

/** Limited, because all of them are compared when an order is priced. */
const MAX_AUTOMATIC_DISCOUNTS = 25;

export type DiscountConnection = Connection<Discount>;

export async function listDiscounts({ db, tenantId }: Context, args: QueryDiscountsArgs): Promise<DiscountConnection> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: args.reverse });
  const discounts = await db.discount.findMany({ ...page.query, where: { AND: [{ tenantId }, page.query.where] } });
  return toConnection(discounts, page, () => db.discount.count({ where: { tenantId } }));
}

export function discountCreate({ db, tenantId }: Context, input: DiscountCreateInput) {
  return payload<'discount', Discount, UserErrorCode>('discount', async () => {
    const { code, ...discount } = readNewDiscount(input);
    const id = newId('disc');
    try {
      return await db.$transaction(async (tx) => {
        if (discount.isAutomatic) await refuseOneTooMany(tx, tenantId);
        const created = await tx.discount.create({ data: { ...discount, tenantId, id } });
        if (code !== null)
          await tx.discountCode.create({ data: { tenantId, id: newId('dcod'), discountId: id, code } });
        return created;
      });
    } catch (error) {
      if (!isUniqueViolation(error, 'code')) throw error;
      throw new UserErrors(taken(['input', 'code'], CODE_TAKEN));
    }
  });
}

async function refuseOneTooMany(tx: Tx, tenantId: string): Promise<void> {
  await lockResource(tx, tenantId, 'automatic discounts');
  if ((await tx.discount.count({ where: { tenantId, isAutomatic: true } })) < MAX_AUTOMATIC_DISCOUNTS) return;
  const message = `A store has up to ${MAX_AUTOMATIC_DISCOUNTS} discounts without a code.`;
  throw new UserErrors(limitReached(['input', 'code'], message));
}

/** Optimistic locking: fields depend on each other, so changes are validated with the row that was read, and written only at its version. */
export function discountUpdate({ db, tenantId }: Context, id: string, input: DiscountUpdateInput) {
  return payload<'discount', Discount, UserErrorCode>('discount', async () => {
    const find = () => db.discount.findFirst({ where: { tenantId, id } });
    const current = await find();
    if (!current) throw new UserErrors(notFound('discount'));
    if (input.expectedVersion != null && input.expectedVersion !== current.version) throw staleVersion(current);
    const money = (minorUnits: bigint) => formatMoney({ minorUnits, currencyCode: current.currencyCode ?? '' });
    const rows = await db.discount.updateManyAndReturn({
      where: { tenantId, id, version: current.version },
      data: { ...readChangedDiscount(input, current, money), version: { increment: 1 } },
    });
    return requireUpdated(rows, find, 'discount');
  });
}

/** Orders that it was applied to have copies of it. */
export function discountDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedDiscountId', string, UserErrorCode>('deletedDiscountId', async () => {
    const { count } = await db.discount.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound('discount'));
    return id;
  });
}
