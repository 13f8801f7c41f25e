import { atVersion, requireUpdated } from './optimisticLocking';
import { invalid, notFound, payload, refusal, staleVersion, throwIfAny, UserErrors } from './userErrors';

const row = { id: 'cat_1', version: 2 };

describe('payload', () => {
  it('passes on any other error', async () => {
    await expect(payload('category', () => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
  });

  it('has the user errors and a null object', async () => {
    const work = () => Promise.reject(refusal(['id'], 'IN_USE', 'It is in use.'));
    expect(await payload('category', work)).toEqual({
      category: null,
      userErrors: [{ field: ['id'], code: 'IN_USE', message: 'It is in use.' }],
    });
  });

  it('has the current object with a stale version', async () => {
    const { category, userErrors } = await payload('category', () => Promise.reject(staleVersion(row)));
    expect(category).toBe(row);
    expect(userErrors).toMatchObject([{ field: ['input', 'expectedVersion'], code: 'STALE_VERSION' }]);
  });

  it('has the result', async () => {
    expect(await payload('category', async () => row)).toEqual({ category: row, userErrors: [] });
  });
});

describe('throwIfAny', () => {
  it('throws all user errors together', () => {
    const faults = [invalid(['input', 'name'], 'a name'), notFound('category')];
    expect(() => throwIfAny(faults)).toThrow(new UserErrors(...faults));
  });

  it('does nothing without any', () => {
    expect(() => throwIfAny([])).not.toThrow();
  });
});

describe('a conditional update', () => {
  it('that found no row is NOT_FOUND', async () => {
    await expect(requireUpdated([], async () => null, 'category')).rejects.toMatchObject({
      userErrors: [{ field: ['id'], code: 'NOT_FOUND', message: 'No such category.' }],
    });
  });

  it('that found another version is STALE_VERSION, with the current row', async () => {
    await expect(requireUpdated([], async () => row, 'category')).rejects.toMatchObject({
      current: row,
      userErrors: [{ code: 'STALE_VERSION', message: expect.stringContaining('version 2') }],
    });
  });

  it('that changed a row has it', async () => {
    expect(await requireUpdated([row], async () => null, 'category')).toBe(row);
  });

  it('has no condition without a version', () => {
    expect([atVersion(null), atVersion(undefined), atVersion(0)]).toEqual([{}, {}, { version: 0 }]);
  });
});
