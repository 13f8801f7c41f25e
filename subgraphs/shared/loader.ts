import DataLoader from 'dataloader';
import type { RequestContext } from './requestContext';
import { inSpan } from './trace';

/** The DataLoader of a request. */
type Loader<Value, Key, Ctx> = (ctx: Ctx) => DataLoader<Key, Value>;

/** @returns a function `loader` for one subgraph's contexts. It declares a DataLoader that each request creates for itself. */
export function loaderFor<Context extends RequestContext>() {
  /** @param load gets the keys of one tick of the event loop, and returns a value for each key, in the same order. */
  return function loader<Value, Key = string, Ctx extends Context = Context>(
    load: (ctx: Ctx, keys: readonly Key[]) => Promise<Value[]>,
  ): Loader<Value, Key, Ctx> {
    const make = (ctx: Ctx) =>
      new DataLoader<Key, Value>((keys) =>
        inSpan('batch', 'INTERNAL', { 'batch.size': keys.length }, () => load(ctx, keys)),
      );
    return (ctx) => ctx.once(make);
  };
}
