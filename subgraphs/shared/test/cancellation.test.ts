import { markReadOnly, readOnlySignal, withCancellation } from '../cancellation';

const gone = AbortSignal.abort();

describe('is not canceled:', () => {
  it('what a mutation sends', () => {
    expect(withCancellation(() => gone, readOnlySignal)).toBeNull();
  });

  it('what no request asked for', () => {
    markReadOnly();
    expect(readOnlySignal()).toBeNull();
  });
});

describe('what a query reads', () => {
  it('is canceled when its caller is gone', () => {
    const signal = withCancellation(
      () => gone,
      () => {
        markReadOnly();
        return readOnlySignal();
      },
    );
    expect(signal).toBe(gone);
  });

  it('has one signal, however many statements there are', () => {
    const abortSignal = jest.fn(() => gone);
    withCancellation(abortSignal, () => {
      markReadOnly();
      readOnlySignal();
      readOnlySignal();
    });
    expect(abortSignal).toHaveBeenCalledTimes(1);
  });
});
