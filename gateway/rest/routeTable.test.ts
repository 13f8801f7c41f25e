import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isObjectType, parse, validate } from 'graphql';
import { rules as orderRules } from '../../subgraphs/order/rules';
import { rules as productRules } from '../../subgraphs/product/rules';
import { rules as tenantRules } from '../../subgraphs/tenant/rules';
import { sizeOf } from '../planning/operationSize';
import { type CompiledRoute, compileRoute } from './compileRoute';
import { publicPathOf, REST_ROUTES, WITHOUT_ROUTE } from './routeTable';
import { fieldsOf } from './selection';

const schema = buildSchema(readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8'));
const titleOf = ({ route }: CompiledRoute) => `${route.method} ${publicPathOf(route)}`;
const COMPILED = REST_ROUTES.flatMap((route) => compileRoute(route, schema) ?? []);
/** What a visitor or a customer may ask for at once: limits/sizeLimit.ts. */
const MAX_PLANNING = 600;

describe('the routes of the REST API', () => {
  it('are each an operation of the graph', () => {
    expect(COMPILED.map(({ route }) => route)).toEqual(REST_ROUTES);
  });

  it('are each at one address', () => {
    const titles = COMPILED.map(titleOf);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });

  it('are every operation of the graph, but those that have a reason to be none', () => {
    const routed = new Set(REST_ROUTES.map(({ operation }) => operation.split('.').slice(0, 2).join('.')));
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
    );
    expect(fields.filter((field) => !routed.has(field)).sort()).toEqual(Object.keys(WITHOUT_ROUTE).sort());
    expect(Object.values(WITHOUT_ROUTE).filter((reason) => reason.length < 10)).toEqual([]);
  });

  it.each(COMPILED.map((compiled) => [titleOf(compiled), compiled] as const))('%s is valid', (_title, compiled) => {
    const paths = [[], ...compiled.expandable.map((path) => [path])];
    for (const expand of paths) {
      expect([expand, ...validate(schema, parse(compiled.document(expand)))]).toEqual([expand]);
    }
    const document = parse(compiled.document([]));
    const [operation] = document.definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('no operation');
    if (compiled.route.path !== '/orders/{id}/refund')
      expect(sizeOf(operation, document, schema).planning).toBeLessThan(MAX_PLANNING);
  });

  it('ask by default for nothing that a caller needs a permission for', () => {
    const guarded = [tenantRules, productRules, orderRules].flatMap(({ fields }) =>
      Object.entries(fields).flatMap(([type, guards]) => Object.keys(guards).map((field) => [type, field] as const)),
    );
    expect(guarded.length).toBeGreaterThan(10);
    const asked = guarded.filter(([name, field]) => {
      const type = schema.getType(name);
      return isObjectType(type) && fieldsOf(type).always.some((one) => one.name === field);
    });
    expect(asked).toEqual([]);
  });
});
