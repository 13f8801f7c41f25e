import sharp from 'sharp';
import { checkImage, resizeImage, typeOfBytes } from './imageBytes';

const makeImage = (width = 40, height = 20) => sharp({ create: { width, height, channels: 3, background: '#e04020' } });
const SCRIPT = '<script>alert(document.domain)</script>';
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">${SCRIPT}</svg>`;

/** A PNG whose header claims so many pixels. */
async function bombOf(width: number, height: number): Promise<Buffer> {
  const png = await makeImage().png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  // The header's checksum must be right, or it would be refused as damaged.
  const { crc32 } = await import('node:zlib');
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

describe('checkImage', () => {
  it.each<[string, () => Buffer | Promise<Buffer>, string, RegExp]>([
    ['an SVG', () => Buffer.from(SVG), 'image/png', /none of/],
    ['an SVG declared as one', () => Buffer.from(SVG), 'image/svg+xml', /none of/],
    ['an SVG after a byte order mark', () => Buffer.from(`\uFEFF${SVG}`), 'image/png', /none of/],
    ['HTML', () => Buffer.from(`<html>${SCRIPT}</html>`), 'image/jpeg', /none of/],
    ['a PDF', () => Buffer.from('%PDF-1.7 and so on, long enough'), 'image/jpeg', /none of/],
    ['a TIFF', () => makeImage().tiff().toBuffer(), 'image/jpeg', /none of/],
    ['nothing', () => Buffer.alloc(0), 'image/png', /none of/],
    ['another type than was announced', () => makeImage().png().toBuffer(), 'image/jpeg', /is image\/png/],
    [
      'the first bytes of a PNG and then a script',
      () => Buffer.from(`\x89PNG\r\n\x1a\n${SCRIPT}`, 'latin1'),
      'image/png',
      /damaged/,
    ],
    [
      'an image that ends in the middle',
      async () => (await makeImage(400, 400).jpeg().toBuffer()).subarray(0, 400),
      'image/jpeg',
      /damaged/,
    ],
    ['more pixels than are accepted', () => bombOf(10_000, 10_000), 'image/png', /damaged|pixels/],
    ['a side that is too long', () => bombOf(12_001, 1), 'image/png', /pixels/],
  ])('refuses %s', async (_what, bytes, type, message) => {
    await expect(checkImage(await bytes(), type)).rejects.toThrow(message);
  });

  it.each([
    ['jpeg', 'image/jpeg'],
    ['png', 'image/png'],
    ['webp', 'image/webp'],
    ['gif', 'image/png'],
    ['avif', 'image/webp'],
  ] as const)('accepts a %s and stores it as %s', async (format, keptAs) => {
    const checked = await checkImage(await makeImage().toFormat(format).toBuffer(), `image/${format}`);
    expect(checked).toMatchObject({ contentType: keptAs, width: 40, height: 20 });
    expect(typeOfBytes(checked.bytes)).toBe(keptAs);
  });

  it('keeps only the pixels: no script after the end, no location in a photo’s metadata', async () => {
    const photo = await makeImage()
      .withExif({ IFD0: { Copyright: SCRIPT }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
      .jpeg()
      .toBuffer();
    const polyglot = Buffer.concat([photo, Buffer.from(SCRIPT)]);
    const { bytes } = await checkImage(polyglot, 'image/jpeg');
    expect(polyglot.includes(SCRIPT)).toBe(true);
    expect(bytes.includes(SCRIPT)).toBe(false);
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
  });

  it('rotates a photo as its EXIF orientation says', async () => {
    const lying = await makeImage(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await checkImage(lying, 'image/jpeg')).toMatchObject({ width: 20, height: 40 });
  });
});

it('an image is resized to be smaller, but never larger', async () => {
  const image = await makeImage(100, 50).png().toBuffer();
  const sizeOf = async (bytes: Buffer) => {
    const { width, height, format } = await sharp(bytes).metadata();
    return { width, height, format };
  };
  expect(await sizeOf(await resizeImage(image, 64, 'webp'))).toEqual({ width: 64, height: 32, format: 'webp' });
  expect(await sizeOf(await resizeImage(image, 640, 'jpeg'))).toEqual({ width: 100, height: 50, format: 'jpeg' });
});
