import { randomBytes } from 'node:crypto';
import { isUniqueViolation } from '../../shared/constraints';
import { payload, UserErrors } from '../../shared/errors';
import { PLANS } from '../billing/plans';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Plan, Tenant, TenantDomain } from '../generated/prisma/client';
import type { DomainErrorCode } from '../generated/resolvers';
import { recordPartUpdated } from '../store/storeEvents';
import { normalizedHost, ownDomain } from './host';

export function listDomains(ctx: Context): Promise<TenantDomain[]> {
  return ctx.db.tenantDomain.findMany({
    where: { tenantId: ctx.tenantId },
    orderBy: [{ createdAt: 'asc' }, { host: 'asc' }],
  });
}

/** Where shoppers should find the store: its own domain that it goes by, else its subdomain. */
export async function primaryHost(ctx: Context, { tenantId, slug }: Tenant): Promise<string> {
  const primary = await ctx.db.tenantDomain.findFirst({ where: { tenantId, isPrimary: true }, select: { host: true } });
  return primary?.host ?? `${slug}.${ctx.dependencies.baseDomain}`;
}

/** Names a domain. Nothing is said of whether another store has it: only who proves that it is theirs hears of that. */
export function tenantDomainAdd(ctx: Context, hostGiven: string) {
  return asPayload(async () => {
    const { tenantId } = ctx;
    const host = ownDomain(hostGiven, ctx.dependencies.baseDomain);
    if (host === null) {
      throw refused(['input', 'host'], 'INVALID', 'Expected a domain of your own, such as shop.example.com.');
    }
    try {
      return await ctx.db.$transaction(async (tx) => {
        await refuseAboveLimit(tx, tenantId);
        return tx.tenantDomain.create({ data: { tenantId, host, token: randomBytes(24).toString('base64url') } });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw refused(['input', 'host'], 'TAKEN', 'This store has this domain already.');
    }
  });
}

/** Domains that are added at once come one after the other, as does a change of the plan. */
async function refuseAboveLimit(tx: Tx, tenantId: string): Promise<void> {
  const [billing] = await tx.$queryRaw<{ plan: Plan }[]>`
    SELECT plan FROM tenant_billing WHERE tenant_id = ${tenantId} FOR UPDATE`;
  const plan = billing?.plan ?? 'FREE';
  const limit = PLANS[plan].customDomains;
  if (limit === null || (await tx.tenantDomain.count({ where: { tenantId } })) < limit) return;
  throw refused(
    [],
    'LIMIT_REACHED',
    `On the plan ${plan} a store has at most ${limit} ${limit === 1 ? 'domain' : 'domains'}.`,
  );
}

/** Looks into the DNS for the record that proves whose the domain is. */
export function tenantDomainVerify(ctx: Context, hostGiven: string) {
  return asPayload(async () => {
    const { tenantId } = ctx;
    const domain = await getDomain(ctx, hostGiven);
    if (domain.verifiedAt) return domain;
    const outcome = await ctx.dependencies.verifyDomain(domain.host, domain.token);
    if (outcome === 'DNS_UNAVAILABLE') {
      throw refused(['host'], 'DNS_UNAVAILABLE', 'The DNS did not answer for this domain. Try again.');
    }
    if (outcome === 'RECORD_MISSING') {
      throw refused(
        ['host'],
        'NOT_VERIFIED',
        'The TXT record is not there, or says something else. It can take a while.',
      );
    }
    try {
      await ctx.db.$transaction(async (tx) => {
        await recordPartUpdated(tx, tenantId);
        await tx.tenantDomain.updateMany({ where: { tenantId, host: domain.host }, data: { verifiedAt: new Date() } });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw refused(['host'], 'TAKEN', 'Another store uses this domain: it has to be removed there first.');
    }
    return getDomain(ctx, domain.host);
  });
}

export function tenantDomainSetPrimary(ctx: Context, hostGiven: string) {
  return asPayload(async () => {
    const { tenantId } = ctx;
    const { host } = await getDomain(ctx, hostGiven);
    return ctx.db.$transaction(async (tx) => {
      // Two changes at once come one after the other.
      await tx.$queryRaw`SELECT 1 FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
      await tx.tenantDomain.updateMany({ where: { tenantId, isPrimary: true }, data: { isPrimary: false } });
      const [primary] = await tx.tenantDomain.updateManyAndReturn({
        where: { tenantId, host, verifiedAt: { not: null } },
        data: { isPrimary: true },
      });
      if (!primary) throw refused(['host'], 'NOT_VERIFIED', 'Expected a domain that is verified.');
      await recordPartUpdated(tx, tenantId);
      return primary;
    });
  });
}

/** The domain is free for another store. One that was primary leaves the store with its subdomain. */
export function tenantDomainRemove(ctx: Context, hostGiven: string) {
  return asPayload(async () => {
    const { tenantId } = ctx;
    const domain = await getDomain(ctx, hostGiven);
    await ctx.db.$transaction(async (tx) => {
      await recordPartUpdated(tx, tenantId);
      await tx.tenantDomain.deleteMany({ where: { tenantId, host: domain.host } });
    });
    return domain;
  });
}

const asPayload = (work: () => Promise<TenantDomain>) =>
  payload<'domain', TenantDomain, DomainErrorCode>('domain', work);

/** @throws UserErrors NOT_FOUND */
async function getDomain(ctx: Context, hostGiven: string): Promise<TenantDomain> {
  const host = normalizedHost(hostGiven);
  const domain = host && (await ctx.db.tenantDomain.findFirst({ where: { tenantId: ctx.tenantId, host } }));
  if (!domain) throw refused(['host'], 'NOT_FOUND', 'This store has no such domain.');
  return domain;
}

const refused = (field: string[], code: DomainErrorCode, message: string) =>
  new UserErrors<DomainErrorCode>({ field, code, message });
