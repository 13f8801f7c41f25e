import { z } from 'zod';
import { readInput, text } from '../../shared/inputReader';
import { invalid, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tenant } from '../generated/prisma/client';
import type { TenantDeleteInput, TenantSuspendInput, UserErrorCode } from '../generated/resolvers';
import { getCurrentTenant } from '../store/store.service';
import { changeStoreStatus, type StatusChange } from './storeStatus';

const suspendInput = z.object({ reason: text({ max: 500, min: 0, lines: true }).nullish() });

export function tenantSuspend(ctx: Context, input: TenantSuspendInput) {
  return asPayload(async () => {
    const { reason } = readInput(suspendInput, input);
    return change(ctx, { kind: 'SUSPEND', by: 'STORE', reason: reason || null });
  });
}

export function tenantResume(ctx: Context) {
  return asPayload(() => change(ctx, { kind: 'RESUME', by: 'STORE' }));
}

export function tenantDelete(ctx: Context, { confirmSlug }: TenantDeleteInput) {
  return asPayload(async () => {
    const { slug } = await getCurrentTenant(ctx);
    if (confirmSlug !== slug)
      throw new UserErrors(invalid(['input', 'confirmSlug'], "the store's slug, as a confirmation"));
    return change(ctx, { kind: 'DELETE' });
  });
}

const asPayload = (work: () => Promise<Tenant>) => payload<'tenant', Tenant, UserErrorCode>('tenant', work);

const refuse = (code: UserErrorCode, message: string) => refusal([], code, message);

async function change(ctx: Context, wanted: StatusChange): Promise<Tenant> {
  const changed = await changeStoreStatus(ctx.db, ctx.tenantId, wanted);
  if (changed) return changed;
  const { status, suspendedBy } = await getCurrentTenant(ctx);
  if (wanted.kind === 'RESUME' && suspendedBy === 'PLATFORM') {
    throw refuse('SUSPENDED_BY_PLATFORM', 'The platform suspended this store: only its operator can resume it.');
  }
  throw refuse('INVALID_TRANSITION', `The store is ${status}.`);
}
