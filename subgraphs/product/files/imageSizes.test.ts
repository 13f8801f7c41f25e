import fc from 'fast-check';
import { WIDTHS, widthWithin } from './imageSizes';

describe('widthWithin', () => {
  it.each([
    ['a box that is larger', { maxWidth: 4000, maxHeight: 3000 }, null],
    ['a box of its own size', { maxWidth: 3000, maxHeight: 2000 }, null],
    ['no box', {}, null],
    ['one of the widths', { maxWidth: 640 }, 640],
    ['a width in between', { maxWidth: 799 }, 720],
    ['a height', { maxHeight: 200 }, 240],
    ['the narrower of two', { maxWidth: 640, maxHeight: 200 }, 240],
    ['less than the smallest', { maxWidth: 1 }, 16],
  ])('within %s', (_what, box, width) => {
    expect(widthWithin({ width: 3000, height: 2000 }, box)).toBe(width);
  });

  it('is one of a few for every request, so nobody can fill the cache with sizes', () => {
    const size = fc.integer({ min: 1, max: 12_000 });
    fc.assert(
      fc.property(size, size, size, size, (width, height, maxWidth, maxHeight) => {
        const found = widthWithin({ width, height }, { maxWidth, maxHeight });
        if (found === null) return width <= maxWidth && height <= maxHeight;
        return (WIDTHS as readonly number[]).includes(found) && (found === WIDTHS[0] || found <= maxWidth);
      }),
    );
  });
});
