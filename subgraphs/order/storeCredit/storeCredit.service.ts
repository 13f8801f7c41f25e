import { invalid, notFound, payload, UserErrors } from '../../shared/userErrors';
import { changeCart } from '../cart/openCart';
import type { Context } from '../context';
import { adjust, readAdjustment } from '../credit/adjustment';
import { openStoreCredit } from '../credit/storeCreditAccount';
import type { Cart, CreditAccount } from '../generated/prisma/client';
import type { CartStoreCreditSelectInput, CreditAdjustInput, UserErrorCode } from '../generated/resolvers';
import { accountOf } from '../input/accountOf';

/** Staff have none of their own: what they order is the buyer's. */
export async function listOwnCredit({ db, tenantId, caller }: Context): Promise<CreditAccount[]> {
  const customerId = accountOf(caller);
  if (customerId === null) return [];
  return db.creditAccount.findMany({ where: { tenantId, customerId }, orderBy: { currencyCode: 'asc' } });
}

/** Of the caller, in a currency. */
export async function findOwnCredit({ db, tenantId, caller }: Context, currencyCode: string) {
  const customerId = accountOf(caller);
  return customerId === null ? null : db.creditAccount.findFirst({ where: { tenantId, customerId, currencyCode } });
}

export function storeCreditAdjust(ctx: Context, id: string, input: CreditAdjustInput) {
  const { db, tenantId } = ctx;
  return payload<'storeCreditAccount', CreditAccount, UserErrorCode>('storeCreditAccount', () =>
    db.$transaction(async (tx) => {
      const customer = await tx.customer.findFirst({ where: { tenantId, id }, select: { userId: true } });
      if (!customer) throw new UserErrors(notFound('customer', ['customerId']));
      const { userId: customerId } = customer;
      if (customerId === null) throw new UserErrors(invalid(['customerId'], 'a customer with an account'));
      const adjustment = readAdjustment(input);
      const account = await openStoreCredit(tx, { tenantId, customerId, currencyCode: adjustment.currencyCode });
      await adjust(ctx, tx, account, adjustment);
      return tx.creditAccount.findFirstOrThrow({ where: { tenantId, id: account.id } });
    }),
  );
}

export function cartStoreCreditSelect(ctx: Context, id: string, input: CartStoreCreditSelectInput) {
  return payload<'cart', Cart, UserErrorCode>('cart', () =>
    changeCart(ctx, id, input.expectedVersion, async (tx) => {
      await tx.cart.updateMany({ where: { tenantId: ctx.tenantId, id }, data: { usesStoreCredit: input.isUsed } });
    }),
  );
}
