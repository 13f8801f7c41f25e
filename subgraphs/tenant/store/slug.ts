import { isUniqueViolation } from '../../shared/constraints';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';

/** A DNS label, because the slug is the store's subdomain. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Subdomains that the platform may need for itself. */
const RESERVED = new Set(['admin', 'api', 'app', 'auth', 'cdn', 'clerk', 'dashboard', 'mail', 'status', 'www']);

export const isReservedSlug = (slug: string): boolean => RESERVED.has(slug);

/** How long a store is still found at its former slug, and no other store can take it. */
const FORMER_SLUG_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Another store has the slug, or had it until recently. The transaction has failed. */
export class SlugTaken extends Error {}

/** Deletes an expired former slug. Call it before the transaction that takes the slug. */
export async function releaseExpiredSlug(db: Db, slug: string): Promise<void> {
  await runInScope({ task: 'slug_expiry' }, () =>
    db.tenantSlug.deleteMany({ where: { slug, expiresAt: { lt: new Date() } } }),
  );
}

/** Runs a `write` that takes a slug, and translates its unique violation. @throws SlugTaken */
export async function catchSlugTaken<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (isUniqueViolation(error, 'slug')) throw new SlugTaken();
    throw error;
  }
}

/** Changes a store's slug. For some time it is also found at the former one. @throws SlugTaken */
export async function changeSlug(tx: Tx, tenantId: string, from: string, to: string): Promise<void> {
  const own = await tx.tenantSlug.updateMany({ where: { tenantId, slug: to }, data: { expiresAt: null } });
  if (own.count === 0) await catchSlugTaken(() => tx.tenantSlug.create({ data: { tenantId, slug: to } }));
  const expiresAt = new Date(Date.now() + FORMER_SLUG_DAYS * DAY_MS);
  await tx.tenantSlug.updateMany({ where: { tenantId, slug: from }, data: { expiresAt } });
}
