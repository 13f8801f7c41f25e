import { inUse } from '../../shared/userErrors';
import { type Fault, forbidden } from '../catalog/faults';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import { type LockedVariant, lockVariants } from '../write/lockVariants';
import { differenceOf, type ProductDifference } from '../write/productDifference';
import { findProducts, lockProducts, type StoredProduct } from '../write/storedProducts';
import type { ChangedVariant } from '../write/variantRows';
import { writeDifferences } from '../write/writeDifferences';
import { completed, type PartialProduct, partsOf, type WholeProduct } from './partialProduct';
import { setFaults, wantedDifference } from './wantedDifference';

/** A product that is there, and what it is to be. */
export interface ProductToSet {
  id: string;
  input: PartialProduct;
  /** It gets a new version, and its event, also when nothing of it becomes different. */
  isAlwaysNewVersion?: boolean;
}

/** What became of it, or why nothing did. */
export type SetOutcome =
  | { kind: 'CHANGED' | 'UNCHANGED' | 'STALE'; product: Product }
  | { kind: 'REFUSED'; faults: Fault[] }
  | { kind: 'MISSING' };

/** One that becomes different, and the input that says so. */
interface Change {
  input: WholeProduct;
  difference: ProductDifference;
}

/**
 * Makes products that are there what their inputs say, any number of them in the same few statements. One that is like that already
 * gets no new version and no event; one that is refused keeps none of the others. What another one has taken meanwhile, and
 * a category that is gone, is a violation of a constraint, and ends the transaction.
 * @param products each of them once. @returns an outcome for each.
 */
export async function setProducts(ctx: Context, tx: Tx, products: ProductToSet[]): Promise<SetOutcome[]> {
  if (products.length === 0) return [];
  const { tenantId } = ctx;
  const stored = await lockProducts(
    tx,
    tenantId,
    products.map(({ id }) => id),
    partsOf(products.map(({ input }) => input)),
  );
  const outcomes = new Map<string, SetOutcome>();
  const changes: Change[] = [];
  for (const { id, input, isAlwaysNewVersion = false } of products) {
    const before = stored.get(id);
    if (!before) continue;
    const { product } = before;
    const isStale = input.expectedVersion != null && input.expectedVersion !== product.version;
    const { faults, change } = isStale ? { faults: [], change: null } : compare(ctx, before, input, isAlwaysNewVersion);
    if (faults.length > 0) outcomes.set(id, { kind: 'REFUSED', faults });
    else if (change) changes.push(change);
    else outcomes.set(id, { kind: isStale ? 'STALE' : 'UNCHANGED', product });
  }

  const locked = await lockWritten(tx, tenantId, changes);
  for (const change of changes) {
    const faults = [...heldFaults(change, locked), ...owedFaults(change, locked)];
    if (faults.length > 0) outcomes.set(change.difference.before.id, { kind: 'REFUSED', faults });
  }
  const written = await writeDifferences(
    ctx,
    tx,
    changes.flatMap(({ difference }) => (outcomes.has(difference.before.id) ? [] : [difference])),
  );
  for (const [id, product] of written) outcomes.set(id, { kind: 'CHANGED', product });
  return products.map(({ id }) => outcomes.get(id) ?? { kind: 'MISSING' });
}

/** What {@link setProducts} would refuse by what the products have now. Nothing is locked, and nothing written. @returns by their ids. */
export async function findSetFaults(ctx: Context, tx: Tx, products: ProductToSet[]): Promise<Map<string, Fault[]>> {
  if (products.length === 0) return new Map();
  const ids = products.map(({ id }) => id);
  const stored = await findProducts(tx, ctx.tenantId, ids, partsOf(products.map(({ input }) => input)));
  return new Map(
    products.flatMap(({ id, input }) => {
      const before = stored.get(id);
      return before ? [[id, compare(ctx, before, input).faults]] : [];
    }),
  );
}

function compare(
  ctx: Context,
  stored: StoredProduct,
  given: PartialProduct,
  isAlwaysNewVersion = false,
): { faults: Fault[]; change: Change | null } {
  const input = completed(stored, given);
  const wrong = setFaults(stored, input);
  if (wrong.length > 0) return { faults: wrong, change: null };
  const wanted = wantedDifference(stored, input);
  if (!wanted && !isAlwaysNewVersion) return { faults: [], change: null };
  const difference = wanted ?? differenceOf(stored, {});
  const change = { input, difference };
  const faults = ctx.caller.permissions.includes('inventory:manage') ? [] : soldFaults(change);
  return { faults, change: faults.length > 0 ? null : change };
}

const isSoldOtherwise = ({ before, after }: ChangedVariant): boolean =>
  before.inventoryPolicy !== after.inventoryPolicy || before.lowStockThreshold !== after.lowStockThreshold;

const fieldOf = ({ input }: Change, sku: string, name: string): string[] => {
  const index = (input.variants ?? []).findIndex((variant) => variant.sku === sku);
  return ['input', 'variants', String(index), name];
};

/** As inventoryPolicyUpdate, whoever has a variant sold otherwise has to have the permission for it. */
const soldFaults = (change: Change): Fault[] =>
  (change.difference.variants?.changed ?? []).filter(isSoldOtherwise).map(({ before, after }) => {
    const name = before.inventoryPolicy === after.inventoryPolicy ? 'lowStockThreshold' : 'inventoryPolicy';
    return forbidden(fieldOf(change, after.sku, name), 'inventory:manage');
  });

/** Of which orders hold stock, such a variant can't go. */
function heldFaults({ difference }: Change, locked: Map<string, LockedVariant>): Fault[] {
  const held = difference.variants?.gone.find(({ id }) => (locked.get(id)?.reserved ?? 0) > 0);
  return held ? [inUse(['input', 'variants'], `Orders hold stock of ${held.sku}.`)] : [];
}

/** What is owed to buyers has to be there before a variant is sold from the shelf alone. */
const owedFaults = (change: Change, locked: Map<string, LockedVariant>): Fault[] =>
  (change.difference.variants?.changed ?? []).flatMap(({ before, after }) => {
    const available = locked.get(before.id)?.available ?? 0;
    const becomesDenied = after.inventoryPolicy === 'DENY' && before.inventoryPolicy !== 'DENY';
    if (!becomesDenied || available >= 0) return [];
    const field = fieldOf(change, after.sku, 'inventoryPolicy');
    return [inUse(field, `Put what is owed to buyers on the shelf first: ${-available}.`)];
  });

/** Locks all variants that are written or go, as orders lock them. */
async function lockWritten(tx: Tx, tenantId: string, changes: Change[]): Promise<Map<string, LockedVariant>> {
  const ids = changes.flatMap(({ difference: { variants } }) =>
    variants ? [...variants.gone.map(({ id }) => id), ...variants.changed.map(({ before }) => before.id)] : [],
  );
  if (ids.length === 0) return new Map();
  const locked = await lockVariants(tx, tenantId, { ids });
  return new Map(locked.map((variant) => [variant.id, variant]));
}
