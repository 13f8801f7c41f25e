import { mailboxKey } from './mailbox';

describe('mailboxKey', () => {
  it.each([
    ['ann@example.com', 'bob@example.com'],
    ['a.nn@example.com', 'ann@example.com'],
    ['ann@example.com', 'ann@example.org'],
    ['+tag@example.com', '+other@example.com'],
  ])('tells %s from %s', (one, other) => {
    expect(mailboxKey(one)).not.toBe(mailboxKey(other));
  });

  it.each([
    ['ANN@Example.COM', 'ann@example.com'],
    ['ann+sale@example.com', 'ann@example.com'],
    ['ann+a+b@example.com', 'ann@example.com'],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['Jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['a.n.n+x@googlemail.com', 'ann@gmail.com'],
  ])('takes %s for %s', (one, other) => {
    expect(mailboxKey(one)).toBe(mailboxKey(other));
  });
});
