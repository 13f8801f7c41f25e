import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a service's Prisma schema: `schema.prisma` with what all features share, and a file for each feature. */
export const listDatamodelFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.prisma'))
    .sort();

/** The names and contents of these files, as Prisma's schema engine reads them. */
export type Datamodel = [name: string, content: string][];

export const readDatamodel = (folder: string): Promise<Datamodel> =>
  Promise.all(
    listDatamodelFiles(folder).map(
      async (file): Promise<Datamodel[number]> => [file, await readFile(join(folder, file), 'utf8')],
    ),
  );
