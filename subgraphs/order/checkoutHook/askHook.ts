import { createHash, randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { writeWithinRead } from '../../shared/cancellation';
import { type Breaker, CircuitOpen, createBreaker } from '../../shared/circuitBreaker';
import { graphqlError } from '../../shared/errors';
import type { ActiveHook } from '../pricing/pricingRules';
import type { HookAnswer } from './applyHooks';
import { findAnswer, keepAnswer, recordFailure, type StoredHook } from './hookAnswers';
import type { HookContext } from './hookContext';
import { HookFailed } from './hookFailed';

/**
 * Of one shopper's address in a store, so that nobody makes a store's server the target of a flood. A storefront's server has one address for
 * all of its shoppers. Answers that are stored don't count.
 */
const QUESTIONS_PER_MINUTE = 120;
/** Of all shoppers of a store together; above that its hook counts as one that does not answer. */
const STORE_QUESTIONS_PER_MINUTE = 1_200;
/** How long a hook that failed is left alone, before one question tries again. */
const RETRY_AFTER_MS = 10_000;
const MAX_BREAKERS = 10_000;

/** By hook and version: what a hook's server did before its address changed says nothing about it. */
const breakers = new LRUCache<string, Breaker>({ max: MAX_BREAKERS });
/** Single-flight: those who ask the same at the same moment share one request. */
const inFlight = new Map<string, Promise<HookAnswer | null>>();

export const questionHash = ({ id, version }: ActiveHook, question: string): string =>
  createHash('sha256').update(`${id} ${version} ${question}`).digest('base64url');

/**
 * The answer of a store's hook: the stored one, the same in all processes until it expires, or else what it answers now. A failure is stored,
 * too, for a short time.
 * @returns null when the hook fails. @throws GraphQLError THROTTLED
 */
export async function askHook(
  ctx: HookContext,
  hook: ActiveHook,
  question: string,
  read: z.ZodType<HookAnswer>,
): Promise<HookAnswer | null> {
  const hash = questionHash(hook, question);
  const stored = await findAnswer(ctx, hook.id, hash);
  // It was deleted since.
  if (!stored) return null;
  if (stored.isAnswered) {
    ctx.services.hooks.metrics.count(hook.kind, 'CACHED');
    return stored.answer;
  }
  const running = inFlight.get(hash);
  if (running) return running;
  const isAllowed = await count(ctx, hook);
  const asked = isAllowed ? inFlight.get(hash) : Promise.resolve(null);
  if (asked) return asked;
  const request = send(ctx, hook, stored, question, read)
    .then((answer) => writeWithinRead(() => keepAnswer(ctx, hook.id, hash, answer)))
    .finally(() => inFlight.delete(hash));
  inFlight.set(hash, request);
  return request;
}

/** @returns whether the store's limit allows a question. @throws GraphQLError THROTTLED above that of the shopper's address. */
async function count({ tenantId, caller, services }: HookContext, hook: ActiveHook): Promise<boolean> {
  const { counters, metrics } = services.hooks;
  const counter = (name: string, limit: number) => counters.of({ name: `hook:${name}:${limit}`, limit, seconds: 60 });
  if (caller.clientAddress !== null) {
    const ofAddress = counter('address', QUESTIONS_PER_MINUTE);
    const { isExceeded, msLeft } = await ofAddress.add(`${tenantId}:${hook.kind}:${caller.clientAddress}`, 1);
    if (isExceeded) {
      metrics.count(hook.kind, 'RATE_LIMITED');
      const retryAfter = Math.max(1, Math.ceil(msLeft / 1_000));
      throw graphqlError('THROTTLED', `Too many different carts or addresses. Try again in ${retryAfter} s.`, {
        retryAfter,
      });
    }
  }
  const { isExceeded } = await counter('store', STORE_QUESTIONS_PER_MINUTE).add(`${tenantId}:${hook.kind}`, 1);
  if (isExceeded) metrics.count(hook.kind, 'RATE_LIMITED');
  return !isExceeded;
}

async function send(
  ctx: HookContext,
  hook: ActiveHook,
  { url, secrets: sealed }: StoredHook,
  question: string,
  read: z.ZodType<HookAnswer>,
): Promise<HookAnswer | null> {
  const { tenantId } = ctx;
  const { client, secrets, metrics, logger } = ctx.services.hooks;
  const opened = sealed.map((secret) => secrets.open(secret, { tenantId, id: hook.id }));
  const begun = performance.now();
  try {
    const answer = await breakerOf(hook).call(async () => {
      const json = await client
        .ask({ url, id: `msg_${randomUUID()}`, body: question, secrets: opened })
        .finally(() => metrics.observe(hook.kind, (performance.now() - begun) / 1_000));
      const { data, success } = read.safeParse(json);
      if (!success) throw new HookFailed('INVALID_ANSWER', 200);
      return data;
    });
    metrics.count(hook.kind, 'ANSWERED');
    return answer;
  } catch (error) {
    if (error instanceof CircuitOpen) {
      metrics.count(hook.kind, 'CIRCUIT_OPEN');
      return null;
    }
    if (!(error instanceof HookFailed)) throw error;
    const { why: reason, status } = error;
    metrics.count(hook.kind, reason);
    logger.warn({ tenantId, hook: hook.id, kind: hook.kind, reason, status }, 'checkout hook failed');
    await writeWithinRead(() => recordFailure(ctx, hook.id, error));
    return null;
  }
}

/** Half of the last questions, at least five, failed: the others are not held up by it. */
function breakerOf({ id, version }: ActiveHook): Breaker {
  const key = `${id} ${version}`;
  const breaker =
    breakers.get(key) ??
    createBreaker({ isAway: (error) => error instanceof HookFailed, retryAfterMs: RETRY_AFTER_MS });
  breakers.set(key, breaker);
  return breaker;
}
