import { createHash } from 'node:crypto';
import { claimOrFind, idempotencyKeyFaults, requestHash, requireSameRequest } from './idempotency';
import { UserErrors } from './userErrors';

const REQUEST = { variantId: 'pvar_1', quantity: 2, note: undefined };

/** The keys of one store. */
function keys() {
  const stored = new Map<string, { requestHash: string; answer: string }>();
  let done = 0;
  const work = (key: string, request: unknown) =>
    claimOrFind({
      request,
      claim: async (hash) => {
        if (stored.has(key)) return null;
        const answer = `answer ${++done}`;
        stored.set(key, { requestHash: hash, answer });
        return answer;
      },
      find: async () => stored.get(key) ?? null,
    });
  return { work, times: () => done };
}

describe('an idempotency key', () => {
  it.each(['', 'short', '        ', 'x'.repeat(256)])('is refused where it is %j', (key) => {
    const message = 'Expected 8 to 255 characters.';
    expect(idempotencyKeyFaults(key)).toEqual([{ field: ['input', 'idempotencyKey'], code: 'INVALID', message }]);
  });

  it('is refused with the length that its mutation needs', () => {
    expect(idempotencyKeyFaults('x'.repeat(15), 16)).toMatchObject([{ message: 'Expected 16 to 255 characters.' }]);
    expect(idempotencyKeyFaults('1', 1)).toEqual([]);
  });

  it('is accepted from 8 to 255 characters', () => {
    expect(idempotencyKeyFaults('x'.repeat(8))).toEqual([]);
    expect(idempotencyKeyFaults('x'.repeat(255))).toEqual([]);
  });

  it('is refused for another request, and does nothing', async () => {
    const { work, times } = keys();
    await work('key', REQUEST);
    const other = work('key', { ...REQUEST, quantity: 3 });
    await expect(other).rejects.toThrow(new UserErrors({ field: [], code: 'IDEMPOTENCY_CONFLICT', message: '' }));
    expect(times()).toBe(1);
  });

  it('is an error when claim and find contradict each other', async () => {
    const work = claimOrFind({ request: REQUEST, claim: async () => null, find: async () => null });
    await expect(work).rejects.toThrow('An idempotency key was taken, and is not there');
  });

  it('does the work once, and returns the stored result for a repeat', async () => {
    const { work, times } = keys();
    expect(await work('key', REQUEST)).toEqual({ claimed: 'answer 1', stored: null });
    expect(await work('key', REQUEST)).toMatchObject({ claimed: null, stored: { answer: 'answer 1' } });
    expect(await work('another', REQUEST)).toEqual({ claimed: 'answer 2', stored: null });
    expect(times()).toBe(2);
  });
});

describe('a request', () => {
  it('differs by a value, a type, the order of a list, or the depth', () => {
    const others = [
      { a: 1, b: [1, 2] },
      { a: '1', b: [1, 2] },
      { a: 1, b: [2, 1] },
      { a: 1, b: { c: [1, 2] } },
      { a: 1 },
    ];
    expect(new Set(others.map(requestHash)).size).toBe(others.length);
  });

  it('is equal in any order of its fields, with or without undefined ones', () => {
    const one = { lines: [{ quantity: 1, variantId: 'a' }], email: 'a@b.c', note: undefined };
    const other = { email: 'a@b.c', lines: [{ variantId: 'a', quantity: 1 }] };
    expect(requestHash(one)).toBe(requestHash(other));
  });

  it('does not match a row without a hash', () => {
    expect(() => requireSameRequest({ requestHash: null }, REQUEST)).toThrow(UserErrors);
  });

  it.each(['hex', 'base64url'] as const)(
    'is known again from a row whose hash was written before, as %s',
    (encoding) => {
      const before = createHash('sha256').update(JSON.stringify(REQUEST)).digest(encoding);
      expect(requireSameRequest({ requestHash: before }, REQUEST)).toEqual({ requestHash: before });
      expect(() => requireSameRequest({ requestHash: before }, [REQUEST])).toThrow(UserErrors);
    },
  );
});
