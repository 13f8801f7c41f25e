import { emailInput, emailKey, readableEmail } from './email';
import { checkInput } from './inputReader';

const read = (given: string) => checkInput(emailInput, given).data;

describe('an e-mail address', () => {
  it.each([
    '',
    'ann',
    'ann@',
    '@example.com',
    'ann@example',
    'ann@ex ample.com',
    'ann @example.com',
    'ann..b@example.com',
    '.ann@example.com',
    'ann@-example.com',
    'ann@example..com',
    'ann@1.2.3.4',
    'a@example.com, b@example.com',
    'a@example.com\nBcc: b@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ann@${'a'.repeat(64)}.example`,
    'ann@bü cher.example',
    'ann@\ud800.example',
    'ann@１.２.３.４',
  ])('is refused as %j', (given) => {
    expect(read(given)).toBeNull();
  });

  it.each([
    ['ann@example.com', 'ann@example.com'],
    [' ann@example.com\n', 'ann@example.com'],
    ['Ann.B+shop@Example.COM', 'Ann.B+shop@example.com'],
    ["o'neil@example.co.uk", "o'neil@example.co.uk"],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
    ['ann@bu\u0308cher.example', 'ann@xn--bcher-kva.example'],
    ['ann@xn--bcher-kva.example', 'ann@xn--bcher-kva.example'],
    ['ann@пример.рф', 'ann@xn--e1afmkfd.xn--p1ai'],
    ['ann@例え。テスト', 'ann@xn--r8jz45g.xn--zckzah'],
  ])('%j is kept as %s, which reads the same again', (given, kept) => {
    expect(read(given)).toBe(kept);
    expect(read(kept)).toBe(kept);
  });

  it('is the same in any case, and in either spelling of its domain', () => {
    expect(emailKey('Ann@BÜCHER.example ')).toBe(emailKey('ann@xn--bcher-kva.example'));
  });

  it('is found in the letters of its language', () => {
    expect(readableEmail('ann@xn--bcher-kva.example')).toBe('ann@bücher.example');
    expect(readableEmail('ann@example.com')).toBe('ann@example.com');
    expect(readableEmail('xn--bcher-kva')).toBe('xn--bcher-kva');
  });
});
