import { fromStripeAmount, toStripeAmount } from './stripeAmount';

describe('an amount in Stripe’s units', () => {
  it.each<[string, string, bigint, number]>([
    ['cents', 'USD', 15_000n, 15_000],
    ['whole yen', 'JPY', 500n, 500],
    ['thousandths of a dinar', 'KWD', 5_120n, 5_120],
    ['forints in hundredths', 'HUF', 10_000n, 10_000],
    ['crowns of Iceland in hundredths, although there are none', 'ISK', 500n, 50_000],
    ['shillings of Uganda in hundredths, although there are none', 'UGX', 500n, 50_000],
    ['ariary whole, although ISO gives them two digits', 'MGA', 50_000n, 500],
  ])('is %s', (_what, currencyCode, ours, stripes) => {
    expect(toStripeAmount(ours, currencyCode)).toBe(stripes);
    expect(fromStripeAmount(stripes, currencyCode)).toBe(ours);
  });

  it.each<[string, string, bigint]>([
    ['a dinar’s last thousandth', 'KWD', 5_121n],
    ['a part of an ariary', 'MGA', 50_001n],
    ['more than a number holds', 'ISK', 10n ** 15n],
  ])('is null for %s: nothing is rounded', (_what, currencyCode, ours) => {
    expect(toStripeAmount(ours, currencyCode)).toBeNull();
  });

  it('with a fraction of a minor unit is refused', () => {
    expect(() => fromStripeAmount(50_001, 'ISK')).toThrow(RangeError);
  });
});
