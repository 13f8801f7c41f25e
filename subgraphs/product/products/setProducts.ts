import type { Permission } from '../../shared/permissions';
import { inUse } from '../../shared/userErrors';
import type { Fault } from '../catalog/faults';
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

/** An existing product and its requested state. */
export interface ProductToSet {
  id: string;
  input: PartialProduct;
  /** Gives the product a new version and an event even if nothing changes. */
  isAlwaysNewVersion?: boolean;
}

/** The result for one product. */
export type SetOutcome =
  | { kind: 'CHANGED' | 'UNCHANGED' | 'STALE'; product: Product }
  | { kind: 'REFUSED'; faults: Fault[] }
  | { kind: 'MISSING' };

/** A product that changes, and the input that changes it. */
interface Change {
  input: WholeProduct;
  difference: ProductDifference;
}

/**
 * Brings existing products into the state of their inputs: any number of products in the same few statements. An unchanged product
 * gets no new version and no event; a refused one does not stop the others. A constraint that a concurrent change makes us violate,
 * such as a slug that is now taken or a deleted category, ends the transaction.
 * @param products without repeats. @returns an outcome for each.
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

/** The errors that {@link setProducts} would find with the products' current state. Locks and writes nothing. @returns errors by product id. */
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
  const faults = ctx.caller.permissions.includes(SELLING_PERMISSION) ? [] : soldFaults(change);
  return { faults, change: faults.length > 0 ? null : change };
}

const isSoldOtherwise = ({ before, after }: ChangedVariant): boolean =>
  before.inventoryPolicy !== after.inventoryPolicy || before.lowStockThreshold !== after.lowStockThreshold;

const fieldOf = ({ input }: Change, sku: string, name: string): string[] => {
  const index = (input.variants ?? []).findIndex((variant) => variant.sku === sku);
  return ['input', 'variants', String(index), name];
};

/** The same permission that inventoryPolicyUpdate needs. */
const SELLING_PERMISSION = 'inventory:manage' satisfies Permission;

/** Changing how a variant is sold needs a permission of its own. */
const soldFaults = (change: Change): Fault[] =>
  (change.difference.variants?.changed ?? []).filter(isSoldOtherwise).map(({ before, after }) => {
    const name = before.inventoryPolicy === after.inventoryPolicy ? 'lowStockThreshold' : 'inventoryPolicy';
    const message = `It takes the permission ${SELLING_PERMISSION}.`;
    return { field: fieldOf(change, after.sku, name), code: 'FORBIDDEN', message };
  });

/** A variant can't be deleted while orders have reserved stock of it. */
function heldFaults({ difference }: Change, locked: Map<string, LockedVariant>): Fault[] {
  const held = difference.variants?.gone.find(({ id }) => (locked.get(id)?.reserved ?? 0) > 0);
  return held ? [inUse(['input', 'variants'], `Orders hold stock of ${held.sku}.`)] : [];
}

/** Backorders have to be covered before a variant's policy becomes DENY. */
const owedFaults = (change: Change, locked: Map<string, LockedVariant>): Fault[] =>
  (change.difference.variants?.changed ?? []).flatMap(({ before, after }) => {
    const available = locked.get(before.id)?.available ?? 0;
    const becomesDenied = after.inventoryPolicy === 'DENY' && before.inventoryPolicy !== 'DENY';
    if (!becomesDenied || available >= 0) return [];
    const field = fieldOf(change, after.sku, 'inventoryPolicy');
    return [inUse(field, `Put what is owed to buyers on the shelf first: ${-available}.`)];
  });

/** Locks all changed and deleted variants in the same order as stockReserve, to avoid deadlocks. */
async function lockWritten(tx: Tx, tenantId: string, changes: Change[]): Promise<Map<string, LockedVariant>> {
  const ids = changes.flatMap(({ difference: { variants } }) =>
    variants ? [...variants.gone.map(({ id }) => id), ...variants.changed.map(({ before }) => before.id)] : [],
  );
  if (ids.length === 0) return new Map();
  const locked = await lockVariants(tx, tenantId, { ids });
  return new Map(locked.map((variant) => [variant.id, variant]));
}
