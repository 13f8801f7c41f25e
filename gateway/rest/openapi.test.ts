import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { compileRoute } from './compileRoute';
import { describeApi } from './openapi';
import { REST_ROUTES } from './routeTable';

const schema = buildSchema(readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8'));
const compiled = REST_ROUTES.flatMap((route) => compileRoute(route, schema) ?? []);
// biome-ignore lint/suspicious/noExplicitAny: as a client reads it.
const document: any = JSON.parse(JSON.stringify(describeApi(compiled)));

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1', () => {
    // An ES module, which Jest does not load.
    const script = `import { Validator } from '@seriousme/openapi-schema-validator';
      let text = '';
      for await (const part of process.stdin) text += part;
      console.log(JSON.stringify(await new Validator().validate(JSON.parse(text))));`;
    const checked = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: __dirname,
      input: JSON.stringify(document),
      encoding: 'utf8',
    });
    expect(JSON.parse(checked)).toEqual({ valid: true });
  });

  it('has each route once, with a description and an example of its answer', () => {
    const operations = Object.values<typeof document>(document.paths).flatMap((path) =>
      Object.values<typeof document>(path),
    );
    expect(operations).toHaveLength(REST_ROUTES.length);
    for (const { operationId, description, responses } of operations) {
      const answer = responses['200'] ?? responses['201'];
      expect([
        operationId,
        description.length > 10,
        Object.keys(answer.content['application/json'].example).length > 0,
      ]).toEqual([operationId, true, true]);
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('refers to nothing that it does not have', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter(([, kind = '', name = '']) => !document.components[kind]?.[name]).map(([all]) => all)).toEqual(
      [],
    );
  });
});
