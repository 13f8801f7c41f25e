/**
 * The widths that images are made in. Each step is about a quarter more than the last, so that nobody can have the cache
 * filled with every size there is, and a picture is never more than that much smaller than it might be.
 */
export const WIDTHS = [
  16, 24, 32, 48, 64, 80, 96, 128, 160, 200, 240, 320, 400, 480, 560, 640, 720, 800, 960, 1080, 1200, 1440, 1600, 1920,
  2048, 2560, 3200, 3840,
] as const;

interface Size {
  width: number;
  height: number;
}

/**
 * The greatest of {@link WIDTHS} with which an image stays within a box, or the smallest of them; null when the image fits as
 * it is. The height follows: an image keeps its shape.
 */
export function widthWithin(
  { width, height }: Size,
  { maxWidth, maxHeight }: Partial<Record<'maxWidth' | 'maxHeight', number>>,
): number | null {
  const scale = Math.min((maxWidth ?? width) / width, (maxHeight ?? height) / height);
  if (scale >= 1) return null;
  const most = width * scale;
  return WIDTHS.findLast((step) => step <= most) ?? WIDTHS[0];
}
