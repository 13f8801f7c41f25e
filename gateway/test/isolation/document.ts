import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules as orderRules } from '../../../subgraphs/order/rules';
import { rules as productRules } from '../../../subgraphs/product/rules';
import { type Caller, type Role, serviceCaller } from '../../../subgraphs/shared/caller';
import type { AccessRules, Guard } from '../../../subgraphs/shared/guards';
import { permissionsOf } from '../../../subgraphs/shared/permissions';
import { rules as tenantRules } from '../../../subgraphs/tenant/rules';
import { PUBLIC_NAMES } from './cases';
import { keyOf, listEntities, listOperations, type Operation, type SubgraphName } from './operations';
import { restRoutes } from './restRoutes';
import { ROUTES } from './routes';

const FILE = join(__dirname, '../../../docs/ISOLATION.md');
const RULES: Record<SubgraphName, AccessRules> = { tenant: tenantRules, product: productRules, order: orderRules };
export const ROLES = ['VISITOR', 'CUSTOMER', 'MEMBER', 'ADMIN', 'APP', 'SERVICE'] as const satisfies Role[];

export const guardOf = ({ subgraph, type, name }: Pick<Operation, 'subgraph' | 'type' | 'name'>): Guard | undefined =>
  RULES[subgraph][type]?.[name];
export const entityGuardOf = (subgraph: SubgraphName, name: string): Guard | undefined =>
  RULES[subgraph].entities[name];

/** A caller with this role in a store, and the permissions of Clerk's default roles; an app has all. */
export function callerOf(
  role: Role,
  tenantId: string,
  userId: string | null = 'user_1',
  requestId = 'isolation',
): Caller {
  if (role === 'SERVICE') return serviceCaller(tenantId, requestId);
  const permissions =
    role === 'ADMIN' || role === 'APP'
      ? permissionsOf('org:admin', [])
      : role === 'MEMBER'
        ? permissionsOf('org:member', [])
        : [];
  return {
    tenantId,
    userId: role === 'VISITOR' ? null : userId,
    role,
    permissions,
    storeStatus: 'ACTIVE',
    impersonatorId: null,
    requestId,
    clientAddress: null,
  };
}

/** The error code with which a role is refused before anything is looked up; null when it is allowed. */
export function refusalOf(guard: Guard | undefined, role: Role): string | null {
  const answer = guard?.(callerOf(role, 'org_1'));
  return answer === true ? null : String(answer?.extensions.code ?? 'FORBIDDEN');
}

function render(): string {
  const cells = (guard: Guard | undefined, seen: string) =>
    ROLES.map((role) => refusalOf(guard, role) ?? seen).join(' | ');
  const operations = listOperations().flatMap((operation) => {
    const places = operation.leaves.length > 0 ? operation.leaves : [null];
    return places.map((leaf) => {
      const told = leaf && PUBLIC_NAMES[keyOf(operation, leaf.path)];
      const seen = leaf ? (told ?? 'as nobody’s') : 'own store';
      const guard = guardOf(operation);
      return `| \`${operation.type}.${operation.name}\` | ${leaf ? `\`${leaf.path.join('.')}\` (${leaf.kind})` : ''} | ${cells(guard, seen)} |`;
    });
  });
  const entities = listEntities().map(
    ({ name, subgraph, kind }) =>
      `| \`${name}\` of ${subgraph} | \`id\` (${kind}) | ${cells(entityGuardOf(subgraph, name), 'as nobody’s')} |`,
  );
  const routes = Object.entries({ ...ROUTES, ...restRoutes() }).flatMap(([route, { asks, told = {} }]) => {
    const [service, ...path] = route.split(' ');
    const places = Object.entries(asks).map(([what, [status]]) => [what, told[what] ?? `as nobody’s: ${status}`]);
    return (places.length > 0 ? places : [['', 'names nothing, and says nothing of a store']]).map(
      ([what, seen]) => `| \`${path.join(' ')}\` of ${service} | ${what} | ${seen} |`,
    );
  });
  const head = `| | names another store’s | ${ROLES.join(' | ')} |\n|---|---|${ROLES.map(() => '---').join('|')}|`;
  return `# Isolation

Made by \`npm run isolation\` from the schemas, the rules and the routes; \`gateway/test/isolation/isolation.e2e.test.ts\` asks each of these with what is another
store's, as each of these callers of one store, and compares the answer with what is answered for a name that nobody has.

- **as nobody’s**: the same bytes, of a query after the same statements, nothing of the other store in them, and no row of it changed, in any of the three
  databases; with the application's filters by tenant taken out as well (\`rowSecurityAlone.e2e.test.ts\`; of the
  operations a hundred, others in each run, and all in \`npm run test:slow\`).
- **own store**: names nothing; what it answers is the caller's own store's, and no row of another changed.
- a code: refused before anything is looked up.

Operations that clients don't see are asked straight at their subgraph, as are all entities.

## Queries and mutations

${head}
${operations.join('\n')}

## Entities

${head}
${entities.join('\n')}

## Routes

Every route that a running service has, whatever it is for: one that is not in \`routes.ts\` fails the test. Each is asked with what is another store's in the place
named, by who has all that one store can have: its admin's token, its signed addresses, an envelope signed for it. **As nobody’s**: status, head and body are the same as with a name that
nobody has, for \`HEAD\` as for \`GET\`, and no row and no file of the other store has changed. What \`/graphql\` is asked beside headers is above.

| | what is another store’s | answered |
|---|---|---|
${routes.join('\n')}
`;
}

if (require.main === module) {
  const text = render();
  if (!process.argv.includes('--check')) writeFileSync(FILE, text);
  else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) {
    console.error('docs/ISOLATION.md is stale: run "npm run isolation" and commit the result.');
    process.exitCode = 1;
  }
}
