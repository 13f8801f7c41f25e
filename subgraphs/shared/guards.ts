import type { GraphQLError, GraphQLSchema } from 'graphql';
import { applyMiddleware, type IMiddleware } from 'graphql-middleware';
import { allow, deny, type IRules, rule, shield } from 'graphql-shield';
import type { Caller } from './caller';
import { badUserInput, forbidden, signInFirst, storeUnavailable, tenantRequired } from './errors';
import type { Permission } from './permissions';

/** What graphql-shield makes of a rule: a middleware around one field's resolver. */
type FieldGuard = Extract<IMiddleware, (...args: never[]) => unknown>;

interface CallerContext {
  caller: Caller;
}

/** Whether this caller may: true, or the error to answer with. */
export type Guard = (caller: Caller) => true | GraphQLError;

/** Anyone who named a store, signed in or not. */
export const inStore: Guard = (caller) => {
  if (!caller.tenantId) return tenantRequired();
  const isShopper = caller.role === 'VISITOR' || caller.role === 'CUSTOMER';
  return isShopper && caller.storeStatus === 'SUSPENDED' ? storeUnavailable() : true;
};

const refused = ({ role }: Caller): GraphQLError => (role === 'VISITOR' ? signInFirst() : forbidden());

const oneOf =
  (...roles: Caller['role'][]): Guard =>
  (caller) => {
    const store = inStore(caller);
    if (store !== true) return store;
    return roles.includes(caller.role) ? true : refused(caller);
  };

/** Someone who works for the store and holds this permission; what is named in permissions.ts and nowhere else. */
export const can =
  (permission: Permission): Guard =>
  (caller) => {
    const store = inStore(caller);
    if (store !== true) return store;
    return caller.permissions.includes(permission) ? true : refused(caller);
  };

/** Someone who signed in, as staff or as a customer. */
export const signedIn = oneOf('CUSTOMER', 'MEMBER', 'ADMIN');
/** Someone who works for the store, whatever they may do there. */
export const staff = oneOf('MEMBER', 'ADMIN');
/** Someone who acts in another's place, whatever may be done there. */
export const impersonator: Guard = (caller) => {
  const store = inStore(caller);
  if (store !== true) return store;
  return caller.userId !== null && caller.impersonatorId !== null ? true : refused(caller);
};
/** Another process of this system, on behalf of a store. */
export const service = oneOf('SERVICE');
export const staffOrService = oneOf('MEMBER', 'ADMIN', 'SERVICE');
/** Another process of this system, also when it has no store yet. */
export const anyService: Guard = (caller) => (caller.role === 'SERVICE' ? true : refused(caller));
/** The gateway asks whose address this is before there is a store to ask for. */
export const inStoreOrService: Guard = (caller) => (caller.role === 'SERVICE' ? true : inStore(caller));

/** What one feature folder says in its `<feature>.rules.ts`; {@link mergeRules} makes a subgraph's rules of them. */
export type FeatureRules = Partial<AccessRules>;

export interface AccessRules {
  Query: Record<string, Guard>;
  Mutation?: Record<string, Guard>;
  /** The mutations that staff may also send while the store is suspended. All others are refused then. */
  whileSuspended?: readonly string[];
  /** The mutations that someone who acts in another's place may not send: those that move money, send data away, or can't be undone. */
  notWhileImpersonated?: readonly string[];
  /** By entity type: who may reach it through `_entities`. */
  entities: Record<string, Guard>;
  /** Fields that need more than what their object needs. */
  fields?: Record<string, Record<string, Guard>>;
}

/**
 * `schema` behind the rules: what is not named in Query, Mutation and entities is refused. Fields without a rule of their
 * own stay as they are: graphql-shield would put a promise around each, and a list has hundreds.
 */
export function guardSchema(schema: GraphQLSchema, rules: AccessRules): GraphQLSchema {
  const guarded = (guards: Record<string, Guard>) =>
    Object.fromEntries(Object.entries(guards).map(([field, guard]) => [field, ruleFrom(field, guard)]));

  const mutations = Object.fromEntries(
    Object.entries(rules.Mutation ?? {}).map(([name, guard]) => {
      const inPerson = rules.notWhileImpersonated?.includes(name) ? byThemselves(guard) : guard;
      return [name, rules.whileSuspended?.includes(name) ? inPerson : whileOpen(inPerson)];
    }),
  );
  const tree: IRules = {
    Query: { '*': deny, ...guarded(rules.Query), _service: allow, _entities: entitiesRule(rules.entities) },
    ...(rules.Mutation && { Mutation: { '*': deny, ...guarded(mutations) } }),
    ...Object.fromEntries(Object.entries(rules.fields ?? {}).map(([type, guards]) => [type, guarded(guards)])),
  };
  const options = { allowExternalErrors: true, fallbackError: forbidden(), fallbackRule: allow };
  const guards = shield(tree, options).generate(schema) as Record<string, Record<string, FieldGuard>>;
  const ruled = ([type, fields]: [string, Record<string, FieldGuard>]) => {
    const isRoot = type === 'Query' || type === 'Mutation';
    return [type, isRoot ? fields : pick(fields, Object.keys(rules.fields?.[type] ?? {}))] as const;
  };
  return applyMiddleware(schema, Object.fromEntries(Object.entries(guards).map(ruled)));
}

/** Who may not anyway is told so; who may is told that the store is closed. */
const whileOpen =
  (guard: Guard): Guard =>
  (caller) => {
    const allowed = guard(caller);
    return allowed === true && caller.storeStatus === 'SUSPENDED' ? storeUnavailable() : allowed;
  };

const byThemselves =
  (guard: Guard): Guard =>
  (caller) => {
    const allowed = guard(caller);
    return allowed === true && caller.impersonatorId !== null ? forbidden() : allowed;
  };

const pick = <Value>(object: Record<string, Value>, keys: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));

function ruleFrom(name: string, guard: Guard) {
  return rule(name, { cache: 'contextual' })((_parent, _args, { caller }: CallerContext) => guard(caller));
}

/**
 * Runs before any reference is resolved: an entity is never loaded for a caller who may not have it, nor by a key that is no
 * text, which a query would take for a condition.
 */
function entitiesRule(guards: Record<string, Guard>) {
  return rule('entities', { cache: 'no_cache' })((_parent, { representations }, { caller }: CallerContext) => {
    for (const typeName of new Set<string>(representations.map((item: { __typename: string }) => item.__typename))) {
      // An object has more names than those it was given: "toString" is no entity's.
      const guard = Object.hasOwn(guards, typeName) ? guards[typeName] : undefined;
      const allowed = guard?.(caller) ?? forbidden();
      if (allowed !== true) return allowed;
    }
    const hasKey = ({ id }: { id?: unknown }) => typeof id === 'string';
    return representations.every(hasKey) || badUserInput('representations', 'each with a text as its id');
  });
}
