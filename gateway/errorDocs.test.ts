import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isEnumType } from 'graphql';
import { ERROR_CODES, HTTP_CODES } from '../subgraphs/shared/errors';
import { DOCUMENT_CODES } from './requestErrors';

const ROOT = join(__dirname, '..');
const DOCUMENT = readFileSync(join(ROOT, 'docs', 'ERRORS.md'), 'utf8');
const schema = buildSchema(readFileSync(join(__dirname, 'schema.graphql'), 'utf8'));

/** The rows of the tables below a heading: what is in code in the first column, and the text of the others. */
function rowsBelow(heading: string): Map<string, string[]> {
  const [, section = ''] = DOCUMENT.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|(.*)\|$/gm);
  return new Map([...rows].map(([, code = '', text = '']) => [code, text.split('|').map((cell) => cell.trim())]));
}

/** What `code` of a mutation's user errors may be. */
function codesOfUserErrors(): string[] {
  const type = schema.getType('UserErrorCode');
  if (!isEnumType(type)) throw new Error('The schema has no UserErrorCode');
  return type.getValues().map(({ name }) => name);
}

describe('docs/ERRORS.md', () => {
  it('has every code of errors, and no other, each with its meaning and what a client does', () => {
    const rows = rowsBelow('Codes of errors');
    expect([...rows.keys()].sort()).toEqual([...ERROR_CODES, ...HTTP_CODES, ...DOCUMENT_CODES].sort());
    for (const [code, cells] of rows) expect([code, cells.length, cells.includes('')]).toEqual([code, 3, false]);
  });

  it('has every code of user errors, and no other, each with its meaning and what a client does', () => {
    const rows = rowsBelow('Codes of user errors');
    expect([...rows.keys()].sort()).toEqual(codesOfUserErrors().sort());
    for (const [code, cells] of rows) expect([code, cells.length, cells.includes('')]).toEqual([code, 2, false]);
  });

  it('has every code that the code of the services names', () => {
    const known = new Set<string>([...ERROR_CODES, ...HTTP_CODES, ...DOCUMENT_CODES]);
    const named = sourcesOf(['gateway', 'subgraphs']).flatMap((source) =>
      [...source.matchAll(/(?:graphqlError|errorsBody|errorBody|requestError)(?:<[^>]*>)?\(\s*'([A-Z_]+)'/g)].map(
        ([, code = '']) => code,
      ),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((code) => !known.has(code))).toEqual([]);
  });
});

function sourcesOf(folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/generated|\.test\.ts$/.test(file))
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
}
