import { isLower, PLANS, type PlanLimits } from '../../shared/plans';
import { runInScope } from '../../shared/scope';
import { payload, refusal, throwIfAny } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Db } from '../database';
import type { Tenant, TenantBilling } from '../generated/prisma/client';
import type { TenantPlanChangeInput, UserErrorCode } from '../generated/resolvers';
import { getCurrentTenant } from '../store/store.service';
import { type Billing, choosePlan } from './billingState';
import { BillingBusy, changeBilling, PaymentRefused, PaymentUnknown } from './changeBilling';
import { type Excess, excessOver } from './usage';

export const getBilling = ({ db, tenantId }: Context): Promise<TenantBilling> =>
  db.tenantBilling.findFirstOrThrow({ where: { tenantId } });

/** The limits of a store's plan. For the gateway, too, which needs them before it knows the caller. An erased store has no billing. */
export const limitsOf = (db: Db, { tenantId }: Tenant): Promise<PlanLimits> =>
  runInScope({ tenantId }, async () => {
    const billing = await db.tenantBilling.findFirst({ where: { tenantId }, select: { plan: true } });
    return PLANS[billing?.plan ?? 'FREE'];
  });

/** Chooses a plan; see billingState.ts for the transitions. Choosing the same plan again changes and costs nothing. */
export function tenantPlanChange(ctx: Context, { plan }: TenantPlanChangeInput) {
  return payload<'tenant', Tenant, UserErrorCode>('tenant', async () => {
    const { db, tenantId } = ctx;
    const { billingProvider: provider, logger } = ctx.dependencies;
    const tenant = await getCurrentTenant(ctx);
    // FREE ends the billing, so it is never refused: the store keeps what it has, but can't add more than FREE allows.
    const isDowngrade = plan !== 'FREE' && isLower(plan, (await getBilling(ctx)).plan);
    const excess = isDowngrade ? await excessOver(ctx, plan) : [];
    throwIfAny(excess.map((it) => aboveLimit(it, plan)));

    const decide = (billing: Billing, now: Date) => choosePlan(billing, plan, now);
    try {
      await changeBilling({ db, provider, tenantId, decide, choice: plan });
    } catch (error) {
      if (error instanceof BillingBusy) {
        throw refuse('IN_PROGRESS', 'Another change of the plan is under way. Try again.');
      }
      if (error instanceof PaymentUnknown) {
        logger.warn({ tenantId, plan, err: error.cause }, 'payment in doubt; it is charged again');
        throw refuse('PAYMENT_UNKNOWN', 'The provider has not confirmed the payment yet. It will be asked again.');
      }
      if (error instanceof PaymentRefused) throw refuse('PAYMENT_DECLINED', 'The payment was refused.');
      throw error;
    }
    return tenant;
  });
}

const LABELS: Record<Excess['of'], string> = {
  products: 'products',
  staff: 'people who work for it',
  customDomains: 'domains of its own',
};

const aboveLimit = ({ of, used, limit }: Excess, plan: string) => ({
  field: ['input', 'plan'],
  code: 'USAGE_ABOVE_LIMIT' as const,
  message: `The store has ${used} ${LABELS[of]}; ${plan} allows ${limit}.`,
});

const refuse = (code: UserErrorCode, message: string) => refusal(['input', 'plan'], code, message);
