import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLObjectType, graphql, parse } from 'graphql';
import type { Caller, Role } from '../caller';
import { ROLES } from '../caller';
import { badUserInput } from '../errors';
import {
  type AccessRules,
  anyone,
  anyService,
  can,
  type Guard,
  guardSchema,
  impersonator,
  inStore,
  inStoreOrService,
  service,
  signedIn,
  staff,
  staffOrService,
} from '../guards';

const caller = (role: Role, tenantId: string | null = 'org_a'): Caller => ({
  tenantId,
  userId: null,
  impersonatorId: null,
  role,
  permissions: [],
  storeStatus: 'ACTIVE',
  requestId: 'r',
  clientAddress: null,
});
const code = (guard: Guard, who: Caller) => {
  const answer = guard(who);
  return answer === true ? true : answer.extensions.code;
};

const TABLE: [string, Guard, Record<Role, true | 'FORBIDDEN' | 'UNAUTHENTICATED'>][] = [
  ['inStore', inStore, { VISITOR: true, CUSTOMER: true, MEMBER: true, ADMIN: true, APP: true, SERVICE: true }],
  [
    'signedIn',
    signedIn,
    { VISITOR: 'UNAUTHENTICATED', CUSTOMER: true, MEMBER: true, ADMIN: true, APP: 'FORBIDDEN', SERVICE: 'FORBIDDEN' },
  ],
  ['anyone', anyone, { VISITOR: true, CUSTOMER: true, MEMBER: true, ADMIN: true, APP: true, SERVICE: 'FORBIDDEN' }],
  [
    'staff',
    staff,
    { VISITOR: 'UNAUTHENTICATED', CUSTOMER: 'FORBIDDEN', MEMBER: true, ADMIN: true, APP: true, SERVICE: 'FORBIDDEN' },
  ],
  [
    'staffOrService',
    staffOrService,
    { VISITOR: 'UNAUTHENTICATED', CUSTOMER: 'FORBIDDEN', MEMBER: true, ADMIN: true, APP: true, SERVICE: true },
  ],
  [
    'service',
    service,
    {
      VISITOR: 'UNAUTHENTICATED',
      CUSTOMER: 'FORBIDDEN',
      MEMBER: 'FORBIDDEN',
      ADMIN: 'FORBIDDEN',
      APP: 'FORBIDDEN',
      SERVICE: true,
    },
  ],
];

describe.each(TABLE)('%s', (_name, guard, expected) => {
  it.each(ROLES)('answers %s as the table says', (role) => {
    expect(code(guard, caller(role))).toBe(expected[role]);
  });

  it.each(ROLES)('asks %s for a store when there is none', (role) => {
    expect(code(guard, caller(role, null))).toBe('TENANT_REQUIRED');
  });
});

it('inStoreOrService allows a service without a store, and no other caller without one', () => {
  expect(code(inStoreOrService, caller('SERVICE', null))).toBe(true);
  expect(code(inStoreOrService, caller('ADMIN', null))).toBe('TENANT_REQUIRED');
});

it('anyService allows services only, also without a store', () => {
  expect(code(anyService, caller('SERVICE', null))).toBe(true);
  expect(code(anyService, caller('SERVICE'))).toBe(true);
  expect(code(anyService, caller('ADMIN'))).toBe('FORBIDDEN');
  expect(code(anyService, caller('VISITOR'))).toBe('UNAUTHENTICATED');
});

describe('impersonator', () => {
  const who = (userId: string | null, impersonatorId: string | null, tenantId: string | null = 'org_a'): Caller => ({
    ...caller('MEMBER', tenantId),
    userId,
    impersonatorId,
  });

  it.each<[string, Caller, true | string]>([
    ['someone without impersonation', who('user_a', null), 'FORBIDDEN'],
    ['an impersonator of nobody', who(null, 'user_support'), 'FORBIDDEN'],
    ['an impersonator without a store', who('user_a', 'user_support', null), 'TENANT_REQUIRED'],
    ['an impersonator of somebody', who('user_a', 'user_support'), true],
  ])('answers %s as it should', (_who, asking, expected) => {
    expect(code(impersonator, asking)).toBe(expected);
  });
});

const NO_RULES: AccessRules = {
  Query: {},
  Mutation: {},
  whileSuspended: [],
  notWhileImpersonated: [],
  entities: {},
  fields: {},
};

describe('guardSchema', () => {
  const SDL = `
    type Query { shown: It hidden: It open: Other }
    type Mutation { change: Int stay: Int unnamed: Int }
    type It @key(fields: "id") { id: ID! secret: String plain: String }
    type Other @key(fields: "id") { id: ID! }`;
  const it1 = { __typename: 'It', id: 'it_1', secret: 's', plain: 'p' };
  const rules: AccessRules = {
    Query: { shown: inStore },
    Mutation: { change: can('orders:manage'), stay: can('orders:manage') },
    whileSuspended: ['stay'],
    notWhileImpersonated: ['stay'],
    entities: { It: staff },
    fields: { It: { secret: staff } },
  };
  const resolved = jest.fn(() => it1);
  const resolvers = {
    Query: { shown: () => it1, hidden: () => it1, open: () => ({ id: 'other_1' }) },
    Mutation: { change: () => 1, stay: () => 2, unnamed: () => 3 },
    It: { __resolveReference: resolved },
  };
  const schema = guardSchema(buildSubgraphSchema({ typeDefs: parse(SDL), resolvers }), rules);
  const ask = async (source: string, who: Caller, variableValues: Record<string, unknown> = {}) => {
    const { data, errors } = await graphql({ schema, source, contextValue: { caller: who }, variableValues });
    return { data: JSON.parse(JSON.stringify(data)), codes: (errors ?? []).map(({ extensions }) => extensions.code) };
  };
  const entities = (who: Caller, ...representations: unknown[]) =>
    ask('query ($r: [_Any!]!) { _entities(representations: $r) { ... on It { plain } } }', who, { r: representations });
  const staffer = (more: Partial<Caller> = {}): Caller => ({
    ...caller('MEMBER'),
    permissions: ['orders:manage'],
    ...more,
  });

  beforeEach(() => resolved.mockClear());

  it('refuses every query and mutation without a rule, to every role', async () => {
    expect(await ask('{ hidden { id } }', staffer())).toEqual({ data: { hidden: null }, codes: ['FORBIDDEN'] });
    expect(await ask('{ open { id } }', staffer())).toEqual({ data: { open: null }, codes: ['FORBIDDEN'] });
    expect(await ask('mutation { unnamed }', staffer())).toEqual({ data: { unnamed: null }, codes: ['FORBIDDEN'] });
  });

  it('refuses every mutation when the rules name none', async () => {
    const without = guardSchema(buildSubgraphSchema({ typeDefs: parse(SDL), resolvers }), NO_RULES);
    for (const source of ['{ shown { id } }', 'mutation { change }', 'mutation { unnamed }']) {
      const { data, errors } = await graphql({ schema: without, source, contextValue: { caller: staffer() } });
      expect(Object.values(data ?? {})).toEqual([null]);
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    }
  });

  it('guards a schema without mutations', () => {
    const typeDefs = parse('type Query { it: It } type It @key(fields: "id") { id: ID! }');
    expect(() => guardSchema(buildSubgraphSchema({ typeDefs }), NO_RULES)).not.toThrow();
  });

  it('applies its own rule to a field, even if another type has a field of the same name', async () => {
    const typeDefs = parse('type Query { secret: Int it: It } type It @key(fields: "id") { id: ID! secret: String }');
    const root = { secret: () => 1, it: () => it1 };
    const same = guardSchema(buildSubgraphSchema({ typeDefs, resolvers: { Query: root } }), {
      ...NO_RULES,
      Query: { secret: inStore, it: inStore },
      fields: { It: { secret: staff } },
    });
    const contextValue = { caller: caller('VISITOR') };
    const { data } = await graphql({ schema: same, source: '{ secret it { secret } }', contextValue });
    expect(data).toEqual({ secret: 1, it: { secret: null } });
  });

  it('evaluates a rule once per request, however many objects have the field', async () => {
    const asked = jest.fn(() => true as const);
    const typeDefs = parse('type Query { all: [It] } type It @key(fields: "id") { id: ID! secret: String }');
    const many = guardSchema(buildSubgraphSchema({ typeDefs, resolvers: { Query: { all: () => [it1, it1, it1] } } }), {
      ...NO_RULES,
      Query: { all: inStore },
      fields: { It: { secret: asked } },
    });
    await graphql({ schema: many, source: '{ all { secret } }', contextValue: { caller: staffer() } });
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('does not wrap the resolver of a field without a rule', () => {
    const fields = (schema.getType('It') as GraphQLObjectType).getFields();
    expect([fields.plain?.resolve, fields.secret?.resolve]).toEqual([undefined, expect.any(Function)]);
  });

  it('passes on a resolver’s error unchanged', async () => {
    const failing = { Query: { shown: () => Promise.reject(badUserInput('id', 'one that exists')) } };
    const guarded = guardSchema(buildSubgraphSchema({ typeDefs: parse(SDL), resolvers: failing }), rules);
    const contextValue = { caller: staffer() };
    const { errors } = await graphql({ schema: guarded, source: '{ shown { id } }', contextValue });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  it('applies a field’s own rule to it, and not to its neighbors', async () => {
    expect(await ask('{ shown { plain secret } }', caller('VISITOR'))).toEqual({
      data: { shown: { plain: 'p', secret: null } },
      codes: ['UNAUTHENTICATED'],
    });
    expect(await ask('{ shown { plain secret } }', staffer())).toEqual({
      data: { shown: { plain: 'p', secret: 's' } },
      codes: [],
    });
  });

  it('returns the SDL, which only signed calls can request', async () => {
    expect((await ask('{ _service { sdl } }', caller('VISITOR'))).codes).toEqual([]);
  });

  it('loads no entity for a caller whom its rule refuses', async () => {
    expect((await entities(caller('CUSTOMER'), { __typename: 'It', id: 'it_1' })).codes).toEqual(['FORBIDDEN']);
    expect(resolved).not.toHaveBeenCalled();
    expect((await entities(staffer(), { __typename: 'It', id: 'it_1' })).data._entities).toEqual([{ plain: 'p' }]);
    expect(resolved).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['without a rule', [{ __typename: 'Other', id: 'other_1' }], 'FORBIDDEN'],
    ['that nobody has', [{ __typename: 'Nothing', id: 'x' }], 'FORBIDDEN'],
    ['named like a member of every object', [{ __typename: 'toString', id: 'x' }], 'FORBIDDEN'],
    ['without a rule, behind one that is allowed', [it1, { __typename: 'Other', id: 'x' }], 'FORBIDDEN'],
    ['by a key that is a condition', [{ __typename: 'It', id: { not: '' } }], 'BAD_USER_INPUT'],
    ['without its key', [{ __typename: 'It' }], 'BAD_USER_INPUT'],
    ['with a key, beside one without', [it1, { __typename: 'It' }], 'BAD_USER_INPUT'],
  ])('loads no entity %s', async (_which, representations, refused) => {
    expect((await entities(staffer(), ...representations)).codes).toEqual([refused]);
    expect(resolved).not.toHaveBeenCalled();
  });

  it('names the argument whose key is no text', async () => {
    const source = '{ _entities(representations: [{ __typename: "It", id: 1 }]) { __typename } }';
    const { errors } = await graphql({ schema, source, contextValue: { caller: staffer() } });
    expect(errors?.map(({ extensions }) => extensions.field)).toEqual(['representations']);
  });

  it('refuses mutations while the store is suspended, except for the listed ones', async () => {
    const suspended = staffer({ storeStatus: 'SUSPENDED' });
    expect(await ask('mutation { change }', suspended)).toEqual({
      data: { change: null },
      codes: ['STORE_UNAVAILABLE'],
    });
    expect(await ask('mutation { stay }', suspended)).toEqual({ data: { stay: 2 }, codes: [] });
    expect(await ask('mutation { change }', staffer())).toEqual({ data: { change: 1 }, codes: [] });
  });

  it('answers callers without access with FORBIDDEN, also while the store is suspended', async () => {
    const suspended = staffer({ storeStatus: 'SUSPENDED', permissions: [] });
    expect((await ask('mutation { change }', suspended)).codes).toEqual(['FORBIDDEN']);
  });

  it.each<[string, Partial<Caller>]>([
    ['in a suspended store', { storeStatus: 'SUSPENDED' }],
    ['as an impersonator', { impersonatorId: 'user_support' }],
  ])('answers TENANT_REQUIRED to a mutation without a store, even %s', async (_how, who) => {
    const without = staffer({ ...who, tenantId: null });
    expect((await ask('mutation { change }', without)).codes).toEqual(['TENANT_REQUIRED']);
    expect((await ask('mutation { stay }', without)).codes).toEqual(['TENANT_REQUIRED']);
  });

  it('refuses an impersonator the listed mutations, and no others', async () => {
    const impersonated = staffer({ impersonatorId: 'user_support' });
    expect((await ask('mutation { stay }', impersonated)).codes).toEqual(['FORBIDDEN']);
    expect((await ask('mutation { change }', impersonated)).codes).toEqual([]);
    expect((await ask('mutation { stay }', { ...impersonated, permissions: [], impersonatorId: null })).codes).toEqual([
      'FORBIDDEN',
    ]);
  });
});

describe('can', () => {
  it.each(ROLES)('refuses a %s without the permission', (role) => {
    expect(code(can('orders:manage'), { ...caller(role), permissions: ['orders:read', 'products:manage'] })).toBe(
      role === 'VISITOR' ? 'UNAUTHENTICATED' : 'FORBIDDEN',
    );
  });

  it('is TENANT_REQUIRED without a store, whatever the permissions', () => {
    const who: Caller = { ...caller('ADMIN', null), permissions: ['orders:manage'] };
    expect(code(can('orders:manage'), who)).toBe('TENANT_REQUIRED');
  });

  it('allows a caller with the permission', () => {
    expect(code(can('orders:manage'), { ...caller('MEMBER'), permissions: ['orders:manage'] })).toBe(true);
  });
});

describe('J24 an impersonator', () => {
  const schema = guardSchema(
    buildSubgraphSchema(
      parse('type Query { it: It } type It @key(fields: "id") { id: ID! } type Mutation { moves: Int changes: Int }'),
    ),
    {
      ...NO_RULES,
      Mutation: { moves: can('orders:manage'), changes: can('orders:manage') },
      notWhileImpersonated: ['moves'],
    },
  );
  const codeOf = async (mutation: string, impersonatorId: string | null, permissions: Caller['permissions']) => {
    const contextValue = { caller: { ...caller('MEMBER'), permissions, impersonatorId } };
    const { errors } = await graphql({ schema, source: `mutation { ${mutation} }`, contextValue });
    return errors?.[0]?.extensions.code;
  };

  it('may not send mutations that move money, but all others that the impersonated user may', async () => {
    expect(await codeOf('moves', 'user_support', ['orders:manage'])).toBe('FORBIDDEN');
    expect(await codeOf('changes', 'user_support', ['orders:manage'])).toBeUndefined();
    expect(await codeOf('changes', 'user_support', [])).toBe('FORBIDDEN');
    expect(await codeOf('moves', null, ['orders:manage'])).toBeUndefined();
  });
});

describe('a suspended store', () => {
  const suspended = (role: Role): Caller => ({
    ...caller(role),
    permissions: ['orders:read'],
    storeStatus: 'SUSPENDED',
  });

  it.each(['VISITOR', 'CUSTOMER'] as const)('is closed for a %s', (role) => {
    expect(code(inStore, suspended(role))).toBe('STORE_UNAVAILABLE');
    expect(code(can('orders:read'), suspended(role))).toBe('STORE_UNAVAILABLE');
  });

  it.each(['VISITOR', 'CUSTOMER', 'MEMBER'] as const)('is open for a %s where its status does not matter', (role) => {
    expect(code(inStore, { ...suspended(role), storeStatus: null })).toBe(true);
  });

  it.each(['MEMBER', 'ADMIN', 'SERVICE'] as const)('is there to read for a %s', (role) => {
    expect(code(inStore, suspended(role))).toBe(true);
    expect(code(can('orders:read'), suspended(role))).toBe(true);
  });
});
