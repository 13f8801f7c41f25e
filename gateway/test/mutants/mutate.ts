import type { Mutant } from './mutants';

/** `source` with the fault in it. @throws Error when its place is not there exactly once: what it is about has changed. */
export function mutate(source: string, { title, file, search, replace }: Mutant): string {
  const found = source.split(search).length - 1;
  if (found !== 1) throw new Error(`"${title}": its place is ${found} times in ${file}, not once. Adapt mutants.ts.`);
  return source.replace(search, () => replace);
}
