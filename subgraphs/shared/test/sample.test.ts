import { sample } from './sample';

const ITEMS = Array.from({ length: 720 }, (_, n) => n);

describe('a sample', () => {
  it('has the requested number of different items', () => {
    const drawn = sample(ITEMS, 60, 1, false);
    expect(new Set(drawn).size).toBe(60);
    expect(drawn.every((item) => ITEMS.includes(item))).toBe(true);
  });

  it('is equal for the same seed, and differs for another', () => {
    expect(sample(ITEMS, 60, 7, false)).toEqual(sample(ITEMS, 60, 7, false));
    expect(sample(ITEMS, 60, 7, false)).not.toEqual(sample(ITEMS, 60, 8, false));
  });

  it('covers all items in some runs', () => {
    const seen = new Set(Array.from({ length: 200 }, (_, seed) => sample(ITEMS, 60, seed, false)).flat());
    expect(seen.size).toBe(720);
  });

  it('is all items in full runs, and when there are not more', () => {
    expect(sample(ITEMS, 60, 1, true)).toEqual(ITEMS);
    expect(sample([1, 2], 3, 1, false)).toEqual([1, 2]);
  });
});
