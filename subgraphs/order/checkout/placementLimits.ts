import type { AdmissionLimits } from '../../shared/admission';
import { graphqlError } from '../../shared/errors';

/**
 * How many orders one process places at the same time. The database has few connections: more orders in flight would add latency and no
 * throughput. `maxWaitMs` plus the time in which the saga engine answers is less than the gateway's timeout, so that no caller queues for an
 * answer that comes too late.
 */
export const PLACEMENTS: AdmissionLimits = {
  inFlight: 16,
  minInFlight: 16,
  queued: 128,
  maxWaitMs: 3_000,
  initialSlotMs: 30,
  rejection: (retryAfter) =>
    graphqlError(
      'THROTTLED',
      `More want to buy than can be served at once. Nothing was bought; try again in ${retryAfter} s.`,
      { retryAfter },
    ),
};
