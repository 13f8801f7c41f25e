/**
 * The largest remainder method (Hamilton): splits `amount` in proportion to `weights` into whole units that add up to it exactly. Each share is
 * rounded down, and the units that are left go one each to the largest remainders, the first among equals first. No share is larger than
 * its weight as long as `amount` is no larger than the sum of the weights.
 */
export function allocate(amount: bigint, weights: readonly bigint[]): bigint[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (whole === 0n) {
    if (amount > 0n) throw new Error('There is no weight to allocate an amount to');
    return weights.map(() => 0n);
  }
  const shares = weights.map((weight) => (amount * weight) / whole);
  const left = amount - shares.reduce((sum, share) => sum + share, 0n);
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (amount * weight) % whole }))
    // Sorting is stable: the first among equals stays first.
    .sort((a, b) => Number(b.remainder - a.remainder));
  const oneMore = new Set(byRemainder.slice(0, Number(left)).map(({ index }) => index));
  return shares.map((share, index) => (oneMore.has(index) ? share + 1n : share));
}

/** `dividend / divisor` to the nearest whole unit, half up. Neither may be negative. */
export const divideRounded = (dividend: bigint, divisor: bigint): bigint => (2n * dividend + divisor) / (2n * divisor);
