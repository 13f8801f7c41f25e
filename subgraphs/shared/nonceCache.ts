import { type IsReplay, MAX_LIFE_SECONDS } from './caller';

/**
 * Replay protection: remembers the nonce of each caller envelope for at least as long as the envelope is valid, in two generations. Each
 * process knows only the envelopes that it has received itself. Memory is bounded by the signed calls within two lifetimes.
 */
export function createNonceCache(): IsReplay {
  const generationMs = MAX_LIFE_SECONDS * 1000;
  let current = new Set<string>();
  let previous = new Set<string>();
  let startedAt = performance.now();

  return (nonce) => {
    const now = performance.now();
    if (now - startedAt >= generationMs) {
      previous = now - startedAt < 2 * generationMs ? current : new Set();
      current = new Set();
      startedAt = now;
    }
    if (current.has(nonce) || previous.has(nonce)) return true;
    current.add(nonce);
    return false;
  };
}
