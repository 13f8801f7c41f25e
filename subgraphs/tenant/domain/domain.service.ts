import { randomBytes } from 'node:crypto';
import { isUniqueViolation } from '../../shared/constraints';
import { hashedId } from '../../shared/ids';
import { PLANS } from '../../shared/plans';
import { invalid, limitReached, notFound, payload, refusal, taken, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Plan, Tenant, TenantDomain } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { lockAndRecordUpdated } from '../store/storeEvents';
import { normalizedHost, ownDomain } from './host';

/** A domain's id is a hash of its host, which a store has once. */
export const domainId = (host: string): string => hashedId('dom', host);

export function listDomains(ctx: Context): Promise<TenantDomain[]> {
  return ctx.db.tenantDomain.findMany({
    where: { tenantId: ctx.tenantId },
    orderBy: [{ createdAt: 'asc' }, { host: 'asc' }],
  });
}

/** The store's canonical host: its primary domain, or else its subdomain. */
export async function primaryHost(ctx: Context, { tenantId, slug }: Tenant): Promise<string> {
  const primary = await ctx.db.tenantDomain.findFirst({ where: { tenantId, isPrimary: true }, select: { host: true } });
  return primary?.host ?? `${slug}.${ctx.dependencies.baseDomain}`;
}

/** Adds a domain without checking whether another store has it: only a store that proves ownership may learn that. */
export function tenantDomainAdd(ctx: Context, hostGiven: string) {
  return asPayload(async () => {
    const { tenantId } = ctx;
    const host = ownDomain(hostGiven, ctx.dependencies.baseDomain);
    if (host === null) {
      throw new UserErrors(invalid(['input', 'host'], 'a domain of your own, such as shop.example.com'));
    }
    try {
      return await ctx.db.$transaction(async (tx) => {
        await refuseAboveLimit(tx, tenantId);
        return tx.tenantDomain.create({ data: { tenantId, host, token: randomBytes(24).toString('base64url') } });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new UserErrors(taken(['input', 'host'], 'This store has this domain already.'));
    }
  });
}

/** Locks the billing, so that concurrent additions and changes of the plan run one after another. */
async function refuseAboveLimit(tx: Tx, tenantId: string): Promise<void> {
  const [billing] = await tx.$queryRaw<{ plan: Plan }[]>`
    SELECT plan FROM tenant_billing WHERE tenant_id = ${tenantId} FOR UPDATE`;
  const plan = billing?.plan ?? 'FREE';
  const limit = PLANS[plan].customDomains;
  if (limit === null || (await tx.tenantDomain.count({ where: { tenantId } })) < limit) return;
  const domains = limit === 1 ? 'domain' : 'domains';
  throw new UserErrors(limitReached([], `On the plan ${plan} a store has at most ${limit} ${domains}.`));
}

/** Looks up the DNS record that proves the ownership of a domain. */
export function tenantDomainVerify(ctx: Context, hostGiven: string) {
  return asPayload(async () => {
    const { tenantId } = ctx;
    const domain = await getDomain(ctx, hostGiven);
    if (domain.verifiedAt) return domain;
    const { verifyDomain, guesses } = ctx.dependencies;
    const result = await guesses.attempt(ctx.caller, 'domainVerification', {
      look: () => verifyDomain(domain.host, domain.token),
      isWrong: (found) => found === 'RECORD_MISSING',
    });
    if (result === 'DNS_UNAVAILABLE') {
      throw refuse('DNS_UNAVAILABLE', 'The DNS did not answer for this domain. Try again.');
    }
    if (result === 'RECORD_MISSING') {
      throw refuse('NOT_VERIFIED', 'The TXT record is not there, or has another value. It can take a while.');
    }
    try {
      await ctx.db.$transaction(async (tx) => {
        await lockAndRecordUpdated(tx, tenantId);
        await tx.tenantDomain.updateMany({ where: { tenantId, host: domain.host }, data: { verifiedAt: new Date() } });
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new UserErrors(taken(['host'], 'Another store uses this domain: it has to be removed there first.'));
    }
    return getDomain(ctx, domain.host);
  });
}

export function tenantDomainSetPrimary(ctx: Context, hostGiven: string) {
  return asPayload(async () => {
    const { tenantId } = ctx;
    const { host } = await getDomain(ctx, hostGiven);
    return ctx.db.$transaction(async (tx) => {
      // The lock makes concurrent changes wait for one another.
      await tx.$queryRaw`SELECT 1 FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
      await tx.tenantDomain.updateMany({ where: { tenantId, isPrimary: true }, data: { isPrimary: false } });
      const [primary] = await tx.tenantDomain.updateManyAndReturn({
        where: { tenantId, host, verifiedAt: { not: null } },
        data: { isPrimary: true },
      });
      if (!primary) throw refuse('NOT_VERIFIED', 'Expected a domain that is verified.');
      await lockAndRecordUpdated(tx, tenantId);
      return primary;
    });
  });
}

/** Removes a domain, which is then free for another store. If it was the primary one, the store's subdomain becomes its canonical host. */
export function tenantDomainRemove(ctx: Context, hostGiven: string) {
  return payload<'deletedTenantDomainId', string, UserErrorCode>('deletedTenantDomainId', async () => {
    const { tenantId } = ctx;
    const { host } = await getDomain(ctx, hostGiven);
    await ctx.db.$transaction(async (tx) => {
      await lockAndRecordUpdated(tx, tenantId);
      await tx.tenantDomain.deleteMany({ where: { tenantId, host } });
    });
    return domainId(host);
  });
}

const asPayload = (work: () => Promise<TenantDomain>) =>
  payload<'tenantDomain', TenantDomain, UserErrorCode>('tenantDomain', work);

/** @throws UserErrors NOT_FOUND */
async function getDomain(ctx: Context, hostGiven: string): Promise<TenantDomain> {
  const host = normalizedHost(hostGiven);
  const domain = host && (await ctx.db.tenantDomain.findFirst({ where: { tenantId: ctx.tenantId, host } }));
  if (!domain) throw new UserErrors(notFound('domain', ['host']));
  return domain;
}

const refuse = (code: UserErrorCode, message: string) => refusal(['host'], code, message);
