import fc from 'fast-check';
import { sizeWithin, WIDTHS } from './imageSizes';

describe('sizeWithin', () => {
  it.each([
    ['a box that is larger', { maxWidth: 4000, maxHeight: 3000 }, 3000, 2000],
    ['a box of its own size', { maxWidth: 3000, maxHeight: 2000 }, 3000, 2000],
    ['no box', {}, 3000, 2000],
    ['a width that images are made in', { maxWidth: 640 }, 640, 427],
    ['a width in between', { maxWidth: 799 }, 720, 480],
    ['a height', { maxHeight: 200 }, 240, 160],
    ['the narrower of two', { maxWidth: 640, maxHeight: 200 }, 240, 160],
    ['less than the smallest', { maxWidth: 1 }, 16, 11],
  ])('within %s', (_what, box, width, height) => {
    expect(sizeWithin({ width: 3000, height: 2000 }, box)).toEqual({ width, height });
  });

  it('a line of pixels keeps one', () => {
    expect(sizeWithin({ width: 3000, height: 1 }, { maxWidth: 16 })).toEqual({ width: 16, height: 1 });
  });

  it('is one of a few, whatever is asked for: nobody can fill the cache with sizes', () => {
    const side = fc.integer({ min: 1, max: 12_000 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, maxWidth, maxHeight) => {
        const found = sizeWithin({ width, height }, { maxWidth, maxHeight });
        if (found.width === width) return (width <= maxWidth && height <= maxHeight) || width <= WIDTHS[0];
        const isStep = (WIDTHS as readonly number[]).includes(found.width);
        return isStep && (found.width === WIDTHS[0] || found.width <= maxWidth);
      }),
    );
  });
});
