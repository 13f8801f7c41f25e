import { payload, refusal } from '../../shared/userErrors';
import type { Context } from '../context';
import type { PaymentSettings } from '../generated/prisma/client';
import type { PaymentSettingsUpdateInput, UserErrorCode } from '../generated/resolvers';
import type { PaymentProviders } from './paymentProvider';

type PaymentSettingsContext = Context & { services: { providers: PaymentProviders } };

/** The store's settings, or the defaults. */
export async function findPaymentSettings({ db, tenantId }: Context): Promise<PaymentSettings> {
  const settings = await db.paymentSettings.findFirst({ where: { tenantId } });
  return settings ?? { tenantId, captureMode: 'AUTOMATIC', stripeAccountId: null };
}

/** Fields that are left out stay. */
export function paymentSettingsUpdate(
  ctx: PaymentSettingsContext,
  { captureMode, stripeAccountId }: PaymentSettingsUpdateInput,
) {
  const { db, tenantId } = ctx;
  return payload<'paymentSettings', PaymentSettings, UserErrorCode>('paymentSettings', async () => {
    if (stripeAccountId != null) await checkAccount(ctx, stripeAccountId);
    const changes = {
      ...(captureMode != null && { captureMode }),
      ...(stripeAccountId !== undefined && { stripeAccountId }),
    };
    await db.paymentSettings.upsert({ where: { tenantId }, create: { tenantId, ...changes }, update: changes });
    return findPaymentSettings(ctx);
  });
}

/** Another store's account, and one that can't take payments yet, is answered like one that does not exist. @throws UserErrors */
async function checkAccount({ tenantId, services }: PaymentSettingsContext, account: string): Promise<void> {
  const { STRIPE: stripe } = services.providers;
  const refuse = (code: UserErrorCode, message: string) => refusal(['input', 'stripeAccountId'], code, message);
  if (!/^acct_\w{1,100}$/.test(account)) throw refuse('INVALID', 'Expected acct_….');
  if (!stripe) throw refuse('PAYMENT_METHOD_UNAVAILABLE', 'Stripe is not set up here.');
  if (await stripe.isAccountOf(tenantId, account)) return;
  throw refuse('NOT_FOUND', 'No account that is connected for this store and can take payments.');
}
