import { hintOf, isAppToken, newAppToken, readAppToken } from './appToken';

describe('an app token', () => {
  it.each([
    ['with another character', (token: string) => token.replace(/.(.{10})$/, (_, end) => `_${end}`)],
    ['that is cut off', (token: string) => token.slice(0, -1)],
    ['that is continued', (token: string) => `${token}0`],
    ['of another kind', (token: string) => token.replace('mst_live_', 'mst_pub_')],
    [
      'whose secret was changed',
      (token: string) => token.replace(/^(mst_live_)(.)/, (_, head, one) => head + (one === 'a' ? 'b' : 'a')),
    ],
    ['with spaces around it', (token: string) => ` ${token} `],
    ['of Clerk', () => 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln'],
  ])('%s is none', (_what, change) => {
    expect(readAppToken(change(newAppToken('PRIVATE')))).toBeNull();
  });

  it.each(['PRIVATE', 'STOREFRONT'] as const)(
    'of the kind %s is read again, by a hash that has nothing of it',
    (kind) => {
      const token = newAppToken(kind);
      const read = readAppToken(token);
      expect(read).toEqual({ kind, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(token).not.toContain(read?.hash);
      expect(isAppToken(token)).toBe(true);
    },
  );

  it('is never the same twice, and always of one length', () => {
    const tokens = Array.from({ length: 200 }, () => newAppToken('PRIVATE'));
    expect(new Set(tokens).size).toBe(200);
    expect(new Set(tokens.map(({ length }) => length))).toEqual(new Set([58]));
  });

  it('is shown by its last four characters', () => {
    const token = newAppToken('PRIVATE');
    expect(hintOf('PRIVATE', token)).toBe(`mst_live_…${token.slice(-4)}`);
  });
});
