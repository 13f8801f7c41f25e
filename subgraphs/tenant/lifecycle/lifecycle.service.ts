import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tenant } from '../generated/prisma/client';
import type { TenantDeleteInput, TenantLifecycleErrorCode, TenantSuspendInput } from '../generated/resolvers';
import { getCurrentTenant } from '../store/store.service';
import { changeStoreStatus, type StatusChange } from './storeStatus';

const MAX_REASON = 500;

export function tenantSuspend(ctx: Context, { reason }: TenantSuspendInput) {
  return asPayload(async () => {
    if (reason && reason.length > MAX_REASON) {
      throw refused(['input', 'reason'], 'INVALID', `Expected at most ${MAX_REASON} characters.`);
    }
    return change(ctx, { kind: 'SUSPEND', by: 'STORE', reason: reason?.trim() || null });
  });
}

export function tenantResume(ctx: Context) {
  return asPayload(() => change(ctx, { kind: 'RESUME', by: 'STORE' }));
}

export function tenantDelete(ctx: Context, { confirmSlug }: TenantDeleteInput) {
  return asPayload(async () => {
    const { slug } = await getCurrentTenant(ctx);
    if (confirmSlug !== slug) {
      throw refused(['input', 'confirmSlug'], 'INVALID', "Expected the store's slug, to be sure which store is meant.");
    }
    return change(ctx, { kind: 'DELETE' });
  });
}

const asPayload = (work: () => Promise<Tenant>) => payload<'tenant', Tenant, TenantLifecycleErrorCode>('tenant', work);

async function change(ctx: Context, wanted: StatusChange): Promise<Tenant> {
  const changed = await changeStoreStatus(ctx.db, ctx.tenantId, wanted);
  if (changed) return changed;
  const { status, suspendedBy } = await getCurrentTenant(ctx);
  if (wanted.kind === 'RESUME' && suspendedBy === 'PLATFORM') {
    throw refused([], 'SUSPENDED_BY_PLATFORM', 'The platform suspended this store: only its operator can resume it.');
  }
  throw refused([], 'INVALID_TRANSITION', `The store is ${status}.`);
}

const refused = (field: string[], code: TenantLifecycleErrorCode, message: string) =>
  new UserErrors<TenantLifecycleErrorCode>({ field, code, message });
