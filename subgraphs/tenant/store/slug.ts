import { isUniqueViolation } from '../../shared/constraints';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';

/** A DNS label: what a slug must be to serve as a subdomain. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Addresses under the base domain that the platform itself may want. */
const RESERVED = new Set(['admin', 'api', 'app', 'auth', 'cdn', 'clerk', 'dashboard', 'mail', 'status', 'www']);

export const isReservedSlug = (slug: string): boolean => RESERVED.has(slug);

/** How long a store is still found at an address that it moved away from, and nobody else gets it. */
const FORMER_SLUG_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Another store lives at this address, or did until a short while ago. The transaction is lost. */
export class SlugTaken extends Error {}

/** Lets go of an address that its store left long enough ago. To be called before the transaction that takes it. */
export async function releaseExpiredSlug(db: Db, slug: string): Promise<void> {
  await runInScope({ task: 'slug_expiry' }, () =>
    db.tenantSlug.deleteMany({ where: { slug, expiresAt: { lt: new Date() } } }),
  );
}

/** `write` takes an address. @throws SlugTaken */
export async function takingSlug<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (isUniqueViolation(error, 'slug')) throw new SlugTaken();
    throw error;
  }
}

/** Moves a store; for some time it is found at the old address, too. @throws SlugTaken */
export async function moveSlug(tx: Tx, tenantId: string, from: string, to: string): Promise<void> {
  const own = await tx.tenantSlug.updateMany({ where: { tenantId, slug: to }, data: { expiresAt: null } });
  if (own.count === 0) await takingSlug(() => tx.tenantSlug.create({ data: { tenantId, slug: to } }));
  const expiresAt = new Date(Date.now() + FORMER_SLUG_DAYS * DAY_MS);
  await tx.tenantSlug.updateMany({ where: { tenantId, slug: from }, data: { expiresAt } });
}
