import DataLoader from 'dataloader';
import type { Context } from './context';

/** Values by key, of the request that `ctx` belongs to. */
export type Loader<Value, Key, Ctx extends Context> = (ctx: Ctx) => DataLoader<Key, Value>;

/**
 * A DataLoader of each request's own. @param load gets the keys of one tick of the event loop, and returns a value for each, in their
 * order.
 */
export function loader<Value, Key = string, Ctx extends Context = Context>(
  load: (ctx: Ctx, keys: readonly Key[]) => Promise<Value[]>,
): Loader<Value, Key, Ctx> {
  const make = (ctx: Ctx) => new DataLoader<Key, Value>((keys) => load(ctx, keys));
  return (ctx) => ctx.once(make);
}
