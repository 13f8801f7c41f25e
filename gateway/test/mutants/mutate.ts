import type { Mutant } from './mutants';

/** Puts the fault into `source`. @throws Error unless its place is found exactly once: the source has changed. */
export function mutate(source: string, { title, file, search, replace }: Mutant): string {
  const found = source.split(search).length - 1;
  if (found !== 1) throw new Error(`"${title}": its place is ${found} times in ${file}, not once. Adapt mutants.ts.`);
  return source.replace(search, () => replace);
}
