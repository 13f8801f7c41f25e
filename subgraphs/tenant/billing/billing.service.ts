import { payload, UserErrors } from '../../shared/errors';
import { runInScope } from '../../shared/scope';
import type { Context } from '../context';
import type { Db } from '../database';
import type { Tenant, TenantBilling } from '../generated/prisma/client';
import type { PlanChangeErrorCode, TenantPlanChangeInput } from '../generated/resolvers';
import { getCurrentTenant } from '../store/store.service';
import { type Billing, choosePlan } from './billingState';
import { BillingBusy, changeBilling, PaymentRefused, PaymentUnknown } from './changeBilling';
import { isLower, PLANS, type PlanLimits } from './plans';
import { type Excess, excessOver } from './usage';

export const getBilling = ({ db, tenantId }: Context): Promise<TenantBilling> =>
  db.tenantBilling.findFirstOrThrow({ where: { tenantId } });

/** For the gateway, which may not know the store yet. Of a store that is erased there is no billing left. */
export const limitsOf = (db: Db, { tenantId }: Tenant): Promise<PlanLimits> =>
  runInScope({ tenantId }, async () => {
    const billing = await db.tenantBilling.findFirst({ where: { tenantId }, select: { plan: true } });
    return PLANS[billing?.plan ?? 'FREE'];
  });

/** See billingState.ts for what a choice leads to. The same choice again changes, and costs, nothing. */
export function tenantPlanChange(ctx: Context, { plan }: TenantPlanChangeInput) {
  return payload<'tenant', Tenant, PlanChangeErrorCode>('tenant', async () => {
    const { db, tenantId } = ctx;
    const { billingProvider: provider, logger } = ctx.dependencies;
    const tenant = await getCurrentTenant(ctx);
    // FREE ends the billing, and whoever wants to leave may: what the store has stays, and nothing is added.
    const isDowngrade = plan !== 'FREE' && isLower(plan, (await getBilling(ctx)).plan);
    const excess = isDowngrade ? await excessOver(ctx, plan) : [];
    if (excess.length > 0) throw new UserErrors(...excess.map((it) => aboveLimit(it, plan)));

    const decide = (billing: Billing, now: Date) => choosePlan(billing, plan, now);
    try {
      await changeBilling({ db, provider, tenantId, decide, choice: plan });
    } catch (error) {
      if (error instanceof BillingBusy) {
        throw refused('IN_PROGRESS', 'Another change of the plan is under way. Try again.');
      }
      if (error instanceof PaymentUnknown) {
        logger.warn({ tenantId, plan, err: error.cause }, 'payment in doubt; it is asked for again');
        throw refused('PAYMENT_UNKNOWN', 'The provider has not said whether the payment was made. It is asked again.');
      }
      if (error instanceof PaymentRefused) throw refused('PAYMENT_REFUSED', 'The payment was refused.');
      throw error;
    }
    return tenant;
  });
}

const WORDS: Record<Excess['of'], string> = {
  products: 'products',
  staff: 'people who work for it',
  customDomains: 'domains of its own',
};

const aboveLimit = ({ of, used, limit }: Excess, plan: string) => ({
  field: ['input', 'plan'],
  code: 'USAGE_ABOVE_LIMIT' as const,
  message: `The store has ${used} ${WORDS[of]}; ${plan} allows ${limit}.`,
});

const refused = (code: PlanChangeErrorCode, message: string) =>
  new UserErrors<PlanChangeErrorCode>({ field: ['input', 'plan'], code, message });
