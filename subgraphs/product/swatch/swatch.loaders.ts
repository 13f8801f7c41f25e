import { loader } from '../loader';
import { type SwatchKey, swatchKey } from './swatchKey';

/** By {@link swatchKey}; null where the store has not said how a value looks. */
export const swatchByKey = loader(async ({ db, tenantId }, keys) => {
  const wanted = keys.map((key) => JSON.parse(key) as SwatchKey);
  const swatches = await db.optionSwatch.findMany({
    where: { tenantId, OR: wanted.map(([optionKey, valueKey]) => ({ optionKey, valueKey })) },
  });
  const byKey = new Map(swatches.map((swatch) => [swatchKey(swatch), swatch]));
  return keys.map((key) => byKey.get(key) ?? null);
});
