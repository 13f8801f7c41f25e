const SEPARATOR = ';';

/** A list as one cell. What would end an entry, or be trimmed off it, has a backslash before it. */
export const cellOfList = (entries: readonly string[]): string =>
  entries.map((entry) => entry.replace(/[;\\]|^\s|\s$/g, '\\$&')).join(SEPARATOR);

/** The entries of a cell, each trimmed, also those that are empty. */
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

/** A backslash before anything else than what is written with one stands for itself. */
const readEntry = (written: string): string => written.replace(/^\s+|(?<!\\)\s+$/g, '').replace(/\\([;\\\s])/g, '$1');
