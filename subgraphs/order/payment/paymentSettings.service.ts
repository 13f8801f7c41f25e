import type { Context } from '../context';
import type { PaymentSettings } from '../generated/prisma/client';
import type { PaymentSettingsUpdateInput } from '../generated/resolvers';

/** How a store takes money; what it has not decided is as the defaults say. */
export async function findPaymentSettings({ db, tenantId }: Context): Promise<PaymentSettings> {
  const settings = await db.paymentSettings.findFirst({ where: { tenantId } });
  return settings ?? { tenantId, captureMode: 'AUTOMATIC', stripeAccountId: null };
}

export async function paymentSettingsUpdate(ctx: Context, { captureMode }: PaymentSettingsUpdateInput) {
  const { db, tenantId } = ctx;
  await db.paymentSettings.upsert({ where: { tenantId }, create: { tenantId, captureMode }, update: { captureMode } });
  return { paymentSettings: await findPaymentSettings(ctx), userErrors: [] };
}
