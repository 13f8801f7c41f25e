import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { PaymentSettings } from '../generated/prisma/client';
import type { OrderErrorCode, PaymentSettingsUpdateInput } from '../generated/resolvers';

const FIELD = ['input', 'stripeAccountId'];

/** How a store takes money; what it has not decided is as the defaults say. */
export async function findPaymentSettings({ db, tenantId }: Context): Promise<PaymentSettings> {
  const settings = await db.paymentSettings.findFirst({ where: { tenantId } });
  return settings ?? { tenantId, captureMode: 'AUTOMATIC', stripeAccountId: null };
}

/** What is not given stays as it is. */
export function paymentSettingsUpdate(ctx: Context, { captureMode, stripeAccountId }: PaymentSettingsUpdateInput) {
  const { db, tenantId } = ctx;
  return payload<'paymentSettings', PaymentSettings, OrderErrorCode>('paymentSettings', async () => {
    if (stripeAccountId != null) await refuseOthersAccount(ctx, stripeAccountId);
    const changes = {
      ...(captureMode != null && { captureMode }),
      ...(stripeAccountId !== undefined && { stripeAccountId }),
    };
    await db.paymentSettings.upsert({ where: { tenantId }, create: { tenantId, ...changes }, update: changes });
    return findPaymentSettings(ctx);
  });
}

/** An account that is another store's, or not ready, is answered as one that does not exist. @throws UserErrors */
async function refuseOthersAccount({ tenantId, providers }: Context, account: string): Promise<void> {
  const refused = (code: OrderErrorCode, message: string) =>
    new UserErrors<OrderErrorCode>({ field: FIELD, code, message });
  if (!/^acct_\w{1,100}$/.test(account)) throw refused('INVALID', 'Expected acct_….');
  if (!providers.STRIPE) throw refused('PAYMENT_METHOD_UNAVAILABLE', 'Stripe is not set up here.');
  if (await providers.STRIPE.isAccountOf(tenantId, account)) return;
  throw refused('NOT_FOUND', 'No account that is connected for this store and can take payments.');
}
