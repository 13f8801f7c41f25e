import DataLoader from 'dataloader';
import type { Context } from './context';

/** A request's DataLoader. */
export type Loader<Value> = (ctx: Context) => DataLoader<string, Value>;

/** @param load gets all keys of one tick of the event loop, and returns a value for each, in their order. */
export function loader<Value>(load: (ctx: Context, keys: readonly string[]) => Promise<Value[]>): Loader<Value> {
  const make = (ctx: Context) => new DataLoader<string, Value>((keys) => load(ctx, keys));
  return (ctx) => ctx.once(make);
}
