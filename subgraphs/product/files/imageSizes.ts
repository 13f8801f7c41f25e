/**
 * The widths that images are resized to. If every width were allowed, a client could fill the cache. Each is about a quarter larger
 * than the one before, so an image is at most that much smaller than requested.
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
 * The largest of {@link WIDTHS} at which an image fits into a box, or else the smallest; null when the image fits without resizing.
 * The aspect ratio is kept.
 */
export function widthWithin(
  { width, height }: Size,
  { maxWidth, maxHeight }: { maxWidth?: number | null | undefined; maxHeight?: number | null | undefined },
): number | null {
  const scale = Math.min((maxWidth ?? width) / width, (maxHeight ?? height) / height);
  if (scale >= 1) return null;
  return WIDTHS.findLast((step) => step <= width * scale) ?? WIDTHS[0];
}
