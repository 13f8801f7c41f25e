import type DataLoader from 'dataloader';
import type { MetafieldModel } from './metafields';

/** The metafields of a product, variant or category that the caller may read, by namespace and key. */
export async function listMetafields(
  metafields: DataLoader<string, MetafieldModel[]>,
  ownerId: string,
  namespace: string | null | undefined,
): Promise<MetafieldModel[]> {
  const all = await metafields.load(ownerId);
  return namespace == null ? all : all.filter((metafield) => metafield.namespace === namespace);
}

export async function findMetafield(
  metafields: DataLoader<string, MetafieldModel[]>,
  ownerId: string,
  name: { namespace: string; key: string },
): Promise<MetafieldModel | null> {
  const found = await listMetafields(metafields, ownerId, name.namespace);
  return found.find(({ key }) => key === name.key) ?? null;
}
