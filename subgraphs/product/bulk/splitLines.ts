const LINE_FEED = 10;

/** The longest form of one product. A longer record means that the file has another format. */
export const MAX_BYTES_PER_RECORD = 2 * 1024 * 1024;

/** The whole file can't be read in its format. */
export class UnreadableFile extends Error {}

/**
 * Streams a file's lines. Not by node:readline: it reads a thousand lines ahead, and splits at U+2028, which JSON allows in a string.
 * @throws UnreadableFile for a line that is longer than `mostBytes`.
 */
export async function* splitLines(
  file: AsyncIterable<Buffer>,
  mostBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  let [rest, line]: [Buffer, number] = [Buffer.alloc(0), 1];
  for await (const chunk of file) {
    const read = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = read.indexOf(LINE_FEED); end >= 0; end = read.indexOf(LINE_FEED, from)) {
      yield read.subarray(from, end);
      [from, line] = [end + 1, line + 1];
    }
    rest = read.subarray(from);
    if (rest.length > mostBytes) throw new UnreadableFile(`line ${line} is too long`);
  }
  if (rest.length > 0) yield rest;
}
