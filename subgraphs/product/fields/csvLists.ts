const SEPARATOR = ';';

/** Formats a list as one cell. A backslash escapes separators, backslashes, and white space that would be trimmed. */
export const cellOfList = (entries: readonly string[]): string =>
  entries.map((entry) => entry.replace(/[;\\]|^\s|\s$/g, '\\$&')).join(SEPARATOR);

/** Parses a cell's entries. Each is trimmed; empty entries are kept. */
export function listOfCell(cell: string): string[] {
  const entries: string[] = [];
  for (let [rest, more] = [cell, true]; more; ) {
    const [entry = ''] = /^(?:[^;\\]+|\\.|\\$)*/s.exec(rest) ?? [];
    entries.push(readEntry(entry));
    more = entry.length < rest.length;
    rest = rest.slice(entry.length + SEPARATOR.length);
  }
  return entries;
}

/** A backslash before any other character is an ordinary character. */
const readEntry = (written: string): string => trimmed(written).replace(/\\([;\\\s])/g, '$1');

/** Without a regular expression, which would look from each space on for the end of the entry. */
function trimmed(written: string): string {
  const entry = written.trimStart();
  const { length } = entry.trimEnd();
  return entry.slice(0, entry[length - 1] === '\\' ? length + 1 : length);
}
