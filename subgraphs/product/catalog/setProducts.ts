import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import type { ProductSetInput } from '../generated/resolvers';
import { type Fault, inUse } from './faults';
import { lockTheseVariants } from './lockVariants';
import { differenceOf, type ProductDifference, setFaults } from './productDifference';
import { lockProducts } from './storedProducts';
import { writeDifferences } from './writeDifferences';

/** A product that is there, and what it is to be. */
export interface ProductToSet {
  id: string;
  input: ProductSetInput;
}

/** What became of it, or why nothing did. */
export type SetOutcome =
  | { kind: 'CHANGED' | 'UNCHANGED' | 'STALE'; product: Product }
  | { kind: 'REFUSED'; faults: Fault[] }
  | { kind: 'MISSING' };

/**
 * Makes products that are there what their inputs say, any number of them in the same few statements. One that is like that already
 * gets no new version, and nobody is told of it; one that is refused keeps none of the others. What another one has taken meanwhile, and
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
  );
  const outcomes = new Map<string, SetOutcome>();
  const differences: ProductDifference[] = [];
  for (const { id, input } of products) {
    const before = stored.get(id);
    if (!before) continue;
    const { product } = before;
    const isStale = input.expectedVersion != null && input.expectedVersion !== product.version;
    const faults = isStale ? [] : setFaults(before, input);
    const difference = isStale || faults.length > 0 ? null : differenceOf(before, input);
    if (faults.length > 0) outcomes.set(id, { kind: 'REFUSED', faults });
    else if (difference) differences.push(difference);
    else outcomes.set(id, { kind: isStale ? 'STALE' : 'UNCHANGED', product });
  }

  const held = await findHeld(tx, tenantId, differences);
  for (const { before, variants } of differences) {
    const one = variants?.gone.find(({ id }) => held.has(id));
    if (!one) continue;
    const fault = inUse(['input', 'variants'], `Orders hold stock of ${one.sku}.`);
    outcomes.set(before.id, { kind: 'REFUSED', faults: [fault] });
  }
  const written = await writeDifferences(
    ctx,
    tx,
    differences.filter(({ before }) => !outcomes.has(before.id)),
  );
  for (const [id, product] of written) outcomes.set(id, { kind: 'CHANGED', product });
  return products.map(({ id }) => outcomes.get(id) ?? { kind: 'MISSING' });
}

/** Of the variants that are to go, those of which orders hold stock. All that are written are locked by this, as orders lock them. */
async function findHeld(tx: Tx, tenantId: string, differences: ProductDifference[]): Promise<Set<string>> {
  const ids = differences.flatMap(({ variants }) =>
    variants ? [...variants.gone.map(({ id }) => id), ...variants.changed.map(({ before }) => before.id)] : [],
  );
  if (ids.length === 0) return new Set();
  const locked = await lockTheseVariants(tx, tenantId, ids);
  return new Set(locked.flatMap(({ id, reserved }) => (reserved > 0 ? [id] : [])));
}
