import { deriveKey, isSigned, sign } from './hmac';

const SECRET = 'a secret of this system';

describe('a signature', () => {
  const signature = sign(SECRET, 'message');

  it.each([
    ['is empty', ''],
    ['is shorter', signature.slice(0, -1)],
    ['is longer', `${signature}=`],
    ['differs in one character', `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`],
    ['has the length in characters and not in bytes', 'é'.repeat(signature.length)],
  ])('is refused when it %s', (_how, given) => {
    expect(isSigned(SECRET, 'message', given)).toBe(false);
  });

  it('is refused for another message, and with another key', () => {
    expect(isSigned(SECRET, 'message ', signature)).toBe(false);
    expect(isSigned('another secret', 'message', signature)).toBe(false);
  });

  it('is accepted for its message', () => {
    expect(isSigned(SECRET, 'message', signature)).toBe(true);
  });

  it('is HMAC-SHA256: test case 2 of RFC 4231', () => {
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    expect(sign('Jefe', 'what do ya want for nothing?')).toBe(Buffer.from(expected, 'hex').toString('base64url'));
  });
});

describe('a derived key', () => {
  it('differs for each purpose, and from the secret', () => {
    const key = deriveKey(SECRET, 'events');
    expect(key).not.toEqual(deriveKey(SECRET, 'media addresses'));
    expect(sign(key, 'message')).not.toBe(sign(SECRET, 'message'));
  });

  it('never changes, so that existing signatures stay valid', () => {
    expect(deriveKey(SECRET, 'order access token').toString('base64url')).toBe(
      'rd3CuU2OUYnBcE8GNI5G24CZEB0xX1dkglwrAHLcHA0',
    );
  });
});
