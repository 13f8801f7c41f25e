import { MAX_COST } from './queryCost';
import type { Charge } from './rateLimits';

/** What an operation was charged for, while it is under way. */
export interface OperationCost {
  /** As estimated before it is executed. */
  requested: number;
  /** The part of it that does not depend on the answer: planning, and the statements that its lists take. */
  fixed: number;
  /** What was taken from each rate limit that it counts for; empty until then. */
  charges: Charge[];
}

/** `extensions.cost` of an answer, in the cost of operations: see queryCost.ts. */
interface CostExtension {
  requested: number;
  /** What it came to, which is what it was charged. */
  actual: number;
  /** Of one operation. */
  maximum: number;
  /** Of the rate limit that is nearest to its end; left out for an operation that was refused before it was charged. */
  remaining?: number;
  /** How much of that limit comes back in a second, on average. */
  restoreRate?: number;
}

/** What is kept of an estimate in any case: a search that finds nothing has been work, too. */
const MIN_SHARE = 0.1;

/**
 * Charges an operation for what it came to, as far as it was executed: what was estimated for longer lists than there were is given
 * back, what there is more of is taken. @param data null for one that was refused: it stays charged as estimated, unless it was throttled.
 */
export async function settleCost(
  { requested, fixed, charges }: OperationCost,
  data: object | null,
): Promise<CostExtension> {
  const isThrottled = charges.length === 0 || charges.some(({ isExhausted }) => isExhausted);
  const executed = data && fixed + Math.max(fieldsIn(data), Math.ceil((requested - fixed) * MIN_SHARE));
  const actual = executed ?? (isThrottled ? 0 : requested);
  const settled = await Promise.all(
    charges.map(async (charge) => ({
      remaining:
        executed === null || executed === requested ? charge.remaining : await charge.correct(executed - requested),
      restoreRate: charge.restoreRate,
    })),
  );
  const [tightest] = settled.sort((a, b) => a.remaining - b.remaining);
  return { requested: Math.min(requested, Number.MAX_SAFE_INTEGER), actual, maximum: MAX_COST, ...tightest };
}

/** How many fields there are in an answer. */
function fieldsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + fieldsIn(entry), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, field) => sum + 1 + fieldsIn(field), 0);
}
