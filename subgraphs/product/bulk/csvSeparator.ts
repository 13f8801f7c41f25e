import { UnreadableFile } from './splitLines';

/** For some thousand columns with the longest names: what is longer is no header. */
const MAX_HEADER_BYTES = 256 * 1024;

const SEPARATORS = [',', ';', '\t', '|'] as const;

/** A first line of a spreadsheet's that says what separates the cells, and nothing else. */
const SEPARATOR_LINE = /^"?sep=([^"\w\s]|\t)"?\s*$/i;

export const isSeparatorLine = (cells: readonly string[], separator: string): boolean =>
  SEPARATOR_LINE.test(cells.join(separator));

/**
 * What separates the cells of a CSV file: where a comma is the decimal mark, spreadsheets write a semicolon.
 * @returns the file from its beginning, too. @throws UnreadableFile for a first line that is too long for a header.
 */
export async function withSeparator(
  file: AsyncIterator<Buffer>,
): Promise<{ separator: string; file: AsyncGenerator<Buffer> }> {
  const begun: Buffer[] = [];
  let [line, isWhole] = ['', false];
  while (!isWhole) {
    const { value, done } = await file.next();
    if (value) begun.push(value);
    const written = Buffer.concat(begun)
      .toString('utf8')
      .replace(/^[\r\n]+/, '');
    [line = ''] = written.split(/[\r\n]/, 1);
    isWhole = done === true || line.length < written.length;
    if (Buffer.byteLength(line) > MAX_HEADER_BYTES) {
      throw new UnreadableFile(
        `its first line has more than ${MAX_HEADER_BYTES / 1024} KB, which is no header of columns`,
      );
    }
  }
  return { separator: separatorOf(line), file: rejoined(begun, file) };
}

/** The one that is there most often, outside of quoted names. */
function separatorOf(line: string): string {
  const [, said] = SEPARATOR_LINE.exec(line) ?? [];
  if (said !== undefined) return said;
  const bare = line.replace(/"[^"]*"/g, '');
  const counted = SEPARATORS.map((separator) => ({ separator, count: bare.split(separator).length }));
  return counted.reduce((most, one) => (one.count > most.count ? one : most)).separator;
}

async function* rejoined(begun: Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* begun;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
