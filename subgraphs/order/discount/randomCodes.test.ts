import { randomCodes } from './randomCodes';

it('randomCodes are different, of 12 characters that nobody takes for others, and begin as asked', () => {
  const codes = randomCodes(10_000, 'VIP-');
  expect(new Set(codes).size).toBe(10_000);
  for (const code of codes) expect(code).toMatch(/^VIP-[0-9A-HJKMNP-TV-Z]{12}$/);
});
