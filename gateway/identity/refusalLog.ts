import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../subgraphs/shared/log';

/** Logs a refused token; other errors pass unnoticed. */
export type LogRefusal = (error: unknown, requestId: string) => void;

/** Of tokens that are refused for one reason, one is logged in this time, with how many were not. */
const SAMPLE_MS = 10_000;
const MAX_REASONS = 100;
const MAX_REASON = 200;

/**
 * Says at `warn` why tokens are refused: a client is told nothing but that its token is not valid, and whoever sets up Clerk has to
 * find out. Sampled by reason, because anybody can send as many wrong tokens as they like. The reason has nothing of the token but, of one
 * whose signature verifies, its issuer or its authorized party.
 */
export function createRefusalLog(log: Logger): LogRefusal {
  const samples = new LRUCache<string, { at: number; left: number }>({ max: MAX_REASONS });
  return (error, requestId) => {
    if (!(error instanceof GraphQLError) || error.extensions.code !== 'UNAUTHENTICATED') return;
    if (typeof error.extensions.reason !== 'string') return;
    const reason = error.extensions.reason.slice(0, MAX_REASON);
    const last = samples.get(reason);
    if (last && performance.now() - last.at < SAMPLE_MS) {
      last.left += 1;
      return;
    }
    samples.set(reason, { at: performance.now(), left: 0 });
    log.warn({ requestId, reason, ...(last?.left && { notLogged: last.left }) }, 'token refused');
  };
}
