import type { Context } from './context';

/** How often one request may do something, such as try a discount code. @returns a function that counts one time, and says whether it may. */
export function requestLimit(max: number): (ctx: Context) => boolean {
  const newCount = () => ({ used: 0 });
  return (ctx) => {
    const count = ctx.once(newCount);
    count.used += 1;
    return count.used <= max;
  };
}
