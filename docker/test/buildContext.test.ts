import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { INPUTS } from '../../gateway/dev/generate';
import { ASSETS, listSources } from '../build';

const ROOT = join(__dirname, '..', '..');

describe('the context that an engine builds the image from', () => {
  const ignored = dockerignore().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  const admitted = (path: string) => !ignored.ignores(path);

  it.each(['.env', '.git/config', 'node_modules/pg/package.json', '.data/postgres', 'gateway/generated/api.graphql'])(
    'leaves out %s',
    (path) => expect(admitted(path)).toBe(false),
  );

  it('has all that the build reads', () => {
    const read = [...INPUTS, ...ASSETS, ...listSources(), 'package.json', 'gateway/dev/ts.js', 'gateway/dev/swc.json'];
    const written = (path: string) => path.startsWith('node_modules/') || path.includes('/generated/');
    expect(read.filter((path) => !written(path) && !admitted(path))).toEqual([]);
    expect(read).toContain('gateway/main.ts');
  });
});
