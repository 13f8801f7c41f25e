import { sample } from './sample';

const ITEMS = Array.from({ length: 720 }, (_, n) => n);

describe('a sample', () => {
  it('has so many different ones', () => {
    const drawn = sample(ITEMS, 60, 1, false);
    expect(new Set(drawn).size).toBe(60);
    expect(drawn.every((item) => ITEMS.includes(item))).toBe(true);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(sample(ITEMS, 60, 7, false)).toEqual(sample(ITEMS, 60, 7, false));
    expect(sample(ITEMS, 60, 7, false)).not.toEqual(sample(ITEMS, 60, 8, false));
  });

  it('comes to all of them in some runs, and not to a few again and again', () => {
    const seen = new Set(Array.from({ length: 200 }, (_, seed) => sample(ITEMS, 60, seed, false)).flat());
    expect(seen.size).toBe(720);
  });

  it('is all of them in full, and where there are no more', () => {
    expect(sample(ITEMS, 60, 1, true)).toEqual(ITEMS);
    expect(sample([1, 2], 3, 1, false)).toEqual([1, 2]);
  });
});
