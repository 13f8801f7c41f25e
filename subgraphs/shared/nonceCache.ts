import { type IsReplay, MAX_LIFE_SECONDS } from './caller';

/**
 * Remembers each envelope's nonce for as long as the envelope could be sent again: between one and two of its longest lives. A
 * process knows what it has seen itself; memory grows with the calls of two minutes, and with nothing that is not signed.
 */
export function createNonceCache(): IsReplay {
  const generationMs = MAX_LIFE_SECONDS * 1000;
  let current = new Set<string>();
  let previous = new Set<string>();
  let begunAt = performance.now();

  return (nonce) => {
    const now = performance.now();
    if (now - begunAt >= generationMs) {
      previous = now - begunAt < 2 * generationMs ? current : new Set();
      current = new Set();
      begunAt = now;
    }
    if (current.has(nonce) || previous.has(nonce)) return true;
    current.add(nonce);
    return false;
  };
}
