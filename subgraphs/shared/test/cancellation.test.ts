import { markReadOnly, readOnlySignal, withCancellation, writeWithinRead } from '../cancellation';

const gone = AbortSignal.abort();

describe('is not canceled:', () => {
  it('a mutation’s statements', () => {
    expect(withCancellation(() => gone, readOnlySignal)).toBeNull();
  });

  it('a write that a query makes; the query still is', async () => {
    await withCancellation(
      () => gone,
      async () => {
        markReadOnly();
        expect(await writeWithinRead(async () => readOnlySignal())).toBeNull();
        expect(readOnlySignal()).toBe(gone);
      },
    );
  });

  it('work without a request', () => {
    markReadOnly();
    expect(readOnlySignal()).toBeNull();
  });
});

describe('a query’s statements', () => {
  it('are canceled when the caller disconnects', () => {
    const signal = withCancellation(
      () => gone,
      () => {
        markReadOnly();
        return readOnlySignal();
      },
    );
    expect(signal).toBe(gone);
  });

  it('share one signal', () => {
    const abortSignal = jest.fn(() => gone);
    withCancellation(abortSignal, () => {
      markReadOnly();
      readOnlySignal();
      readOnlySignal();
    });
    expect(abortSignal).toHaveBeenCalledTimes(1);
  });
});
