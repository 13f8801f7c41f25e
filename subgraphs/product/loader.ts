import DataLoader from 'dataloader';
import type { Context } from './context';

/** Values by key, of the request that `ctx` belongs to. */
export type Loader<Value> = (ctx: Context) => DataLoader<string, Value>;

/** A DataLoader of each request's own. @param load gets the keys of one tick of the event loop, and returns a value for each, in their order. */
export function loader<Value>(load: (ctx: Context, keys: readonly string[]) => Promise<Value[]>): Loader<Value> {
  const make = (ctx: Context) => new DataLoader<string, Value>((keys) => load(ctx, keys));
  return (ctx) => ctx.once(make);
}
