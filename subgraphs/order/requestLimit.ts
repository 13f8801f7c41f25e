import type { Context } from './context';

/** Limits how often one request may do something. @returns a function that counts one attempt, and returns whether it is allowed. */
export function requestLimit(max: number): (ctx: Context) => boolean {
  const newCount = () => ({ used: 0 });
  return (ctx) => {
    const count = ctx.once(newCount);
    count.used += 1;
    return count.used <= max;
  };
}
