/**
 * The widths that images are resized to. If every width were allowed, a client could fill the cache. Each is about a quarter larger
 * than the one before, so an image is at most that much smaller than requested.
 */
export const WIDTHS = [
  16, 24, 32, 48, 64, 80, 96, 128, 160, 200, 240, 320, 400, 480, 560, 640, 720, 800, 960, 1080, 1200, 1440, 1600, 1920,
  2048, 2560, 3200, 3840,
] as const;

export interface Size {
  width: number;
  height: number;
}

/**
 * An image's size within a box: the largest of {@link WIDTHS} that fits, or else the smallest; its own size when it fits without resizing.
 * The aspect ratio is kept, and the height rounded as libvips does.
 */
export function sizeWithin(
  image: Size,
  { maxWidth, maxHeight }: { maxWidth?: number | null | undefined; maxHeight?: number | null | undefined },
): Size {
  const scale = Math.min((maxWidth ?? image.width) / image.width, (maxHeight ?? image.height) / image.height);
  if (scale >= 1) return image;
  const width = Math.min(image.width, WIDTHS.findLast((step) => step <= image.width * scale) ?? WIDTHS[0]);
  return { width, height: Math.max(1, Math.round((image.height * width) / image.width)) };
}
