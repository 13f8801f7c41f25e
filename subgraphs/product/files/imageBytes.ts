import sharp, { type Sharp } from 'sharp';

// libvips can decode many formats, also SVG, which can contain scripts. Only the decoders of accepted formats stay enabled.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif',
  ],
});
// By default libvips uses all cores for one image. Here each image uses one core, and media.ts limits how many run concurrently.
sharp.concurrency(1);
sharp.cache(false);

export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
const MAX_PIXELS = 40_000_000;
const MAX_SIDE = 12_000;
const MAX_SECONDS = 8;

export type ImageFormat = 'jpeg' | 'png' | 'webp';

export const CONTENT_TYPES: Record<ImageFormat, string> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
};

/** The format in which each accepted type is stored. Only the first frame of an animation is stored. */
const STORED_AS: Record<string, ImageFormat> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'png',
  'image/avif': 'webp',
};
export const IMAGE_TYPES = Object.keys(STORED_AS);

export const formatOf = (contentType: string): ImageFormat =>
  (Object.keys(CONTENT_TYPES) as ImageFormat[]).find((format) => CONTENT_TYPES[format] === contentType) ?? 'jpeg';

export interface CheckedImage {
  bytes: Buffer;
  contentType: string;
  width: number;
  height: number;
}

/** The image is not accepted. The message is shown to the uploader. */
export class ImageRefused extends Error {}

/** A file's type by its first bytes (its magic number); null when it is no accepted image. */
export function typeOfBytes(bytes: Buffer): string | null {
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (bytes.length < 16) return null;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'image/gif';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp';
  if (text(4, 8) === 'ftyp' && (text(8, 12) === 'avif' || text(8, 12) === 'avis')) return 'image/avif';
  return null;
}

/**
 * Validates an uploaded image by its bytes and re-encodes it from its pixels. That removes everything else in the file, such as
 * a script after its end or the location in a photo's metadata. @throws ImageRefused
 */
export async function checkImage(upload: Buffer, declaredType: string): Promise<CheckedImage> {
  const type = typeOfBytes(upload);
  const format = type === null ? undefined : STORED_AS[type];
  if (!type || !format) throw new ImageRefused(`The file is none of ${IMAGE_TYPES.join(', ')}.`);
  if (type !== declaredType)
    throw new ImageRefused(`The file is ${type}, and not ${declaredType} as it was announced.`);
  try {
    // Reads the header only: a small file can decode to gigabytes of pixels (a decompression bomb).
    const { width, height } = await decoder(upload).metadata();
    if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
      throw new ImageRefused(
        `The image has ${width} × ${height} pixels: at most ${MAX_SIDE} a side and ${MAX_PIXELS} in all.`,
      );
    }
    const { data, info } = await encode(decoder(upload).autoOrient(), format, 90).toBuffer({ resolveWithObject: true });
    return { bytes: data, contentType: CONTENT_TYPES[format], width: info.width, height: info.height };
  } catch (error) {
    if (error instanceof ImageRefused) throw error;
    throw new ImageRefused('The file is damaged, or has too many pixels.');
  }
}

/** @param image the result of {@link checkImage}. */
export const resizeImage = (image: Buffer, width: number | undefined, format: ImageFormat): Promise<Buffer> =>
  encode(decoder(image).resize({ ...(width && { width }), withoutEnlargement: true }), format, 80).toBuffer();

const decoder = (bytes: Buffer): Sharp =>
  sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS, sequentialRead: true }).timeout({
    seconds: MAX_SECONDS,
  });

function encode(image: Sharp, format: ImageFormat, quality: number): Sharp {
  if (format === 'png') return image.png({ compressionLevel: 6 });
  if (format === 'webp') return image.webp({ quality, effort: 3 });
  // A JPEG has no transparency: transparent pixels become white.
  return image.flatten({ background: '#ffffff' }).jpeg({ quality });
}
