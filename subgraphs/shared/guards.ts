import type { GraphQLError, GraphQLSchema } from 'graphql';
import { applyMiddleware, type IMiddleware } from 'graphql-middleware';
import { allow, deny, type IRules, rule, shield } from 'graphql-shield';
import type { Caller } from './caller';
import { badUserInput, forbidden, signInFirst, storeUnavailable, tenantRequired } from './errors';
import type { Permission } from './permissions';

/** graphql-shield turns a rule into a middleware around a field's resolver. */
type FieldGuard = Extract<IMiddleware, (...args: never[]) => unknown>;

interface CallerContext {
  caller: Caller;
}

/** Decides whether a caller has access: true, or the error to answer with. */
export type Guard = (caller: Caller) => true | GraphQLError;

/** Anyone in a store, signed in or not. */
export const inStore: Guard = (caller) => {
  if (!caller.tenantId) return tenantRequired();
  const isShopper = caller.role === 'VISITOR' || caller.role === 'CUSTOMER';
  return isShopper && caller.storeStatus === 'SUSPENDED' ? storeUnavailable() : true;
};

const denied = ({ role }: Caller): GraphQLError => (role === 'VISITOR' ? signInFirst() : forbidden());

const oneOf =
  (...roles: Caller['role'][]): Guard =>
  (caller) => {
    const store = inStore(caller);
    if (store !== true) return store;
    return roles.includes(caller.role) ? true : denied(caller);
  };

/** The store's staff and apps with this permission: see permissions.ts. */
export const can =
  (permission: Permission): Guard =>
  (caller) => {
    const store = inStore(caller);
    if (store !== true) return store;
    return caller.permissions.includes(permission) ? true : denied(caller);
  };

/** The store's staff with this permission, and no app: for what must not outlive the app's token. */
export const staffWho =
  (permission: Permission): Guard =>
  (caller) =>
    caller.role === 'APP' ? denied(caller) : can(permission)(caller);

/** Anyone in a store, but no other service of this system. */
export const anyone = oneOf('VISITOR', 'CUSTOMER', 'MEMBER', 'ADMIN', 'APP');
/** Any person who is signed in, as staff or as a customer. */
export const signedIn = oneOf('CUSTOMER', 'MEMBER', 'ADMIN');
/** The store's staff and its apps, whatever their permissions. */
export const staff = oneOf('MEMBER', 'ADMIN', 'APP');
/** Anyone who impersonates a user (see Caller.impersonatorId), whatever their permissions. */
export const impersonator: Guard = (caller) => {
  const store = inStore(caller);
  if (store !== true) return store;
  return caller.userId !== null && caller.impersonatorId !== null ? true : denied(caller);
};
/** Another service of this system, on behalf of a store. */
export const service = oneOf('SERVICE');
export const staffOrService = oneOf('MEMBER', 'ADMIN', 'APP', 'SERVICE');
/** Another service of this system, also without a store. */
export const anyService: Guard = (caller) => (caller.role === 'SERVICE' ? true : denied(caller));
/** Also for the gateway, which looks up an address before it knows the store. */
export const inStoreOrService: Guard = (caller) => (caller.role === 'SERVICE' ? true : inStore(caller));

/** The rules of one feature, in its `<feature>.rules.ts`; {@link mergeRules} merges them into those of the subgraph. */
export type FeatureRules = Partial<AccessRules>;

export interface AccessRules {
  Query: Record<string, Guard>;
  Mutation: Record<string, Guard>;
  /** The mutations that staff may send even while the store is suspended. */
  whileSuspended: readonly string[];
  /** The mutations that are refused during impersonation: those that move money, export data, or can't be undone. */
  notWhileImpersonated: readonly string[];
  /** By entity type: who may reach it through `_entities`. */
  entities: Record<string, Guard>;
  /** Fields with stricter rules than their object. */
  fields: Record<string, Record<string, Guard>>;
}

/**
 * Enforces the rules in `schema`. Deny by default: queries, mutations and entities without a rule are refused. Other fields without a
 * rule are not wrapped: graphql-shield would make a promise of each, and a list has hundreds of them.
 */
export function guardSchema(schema: GraphQLSchema, rules: AccessRules): GraphQLSchema {
  const guarded = (type: string, guards: Record<string, Guard>) =>
    Object.fromEntries(Object.entries(guards).map(([field, guard]) => [field, ruleFrom(`${type}.${field}`, guard)]));

  const mutations = Object.fromEntries(
    Object.entries(rules.Mutation).map(([name, guard]) => {
      const unlessImpersonated = rules.notWhileImpersonated.includes(name) ? notImpersonated(guard) : guard;
      return [name, rules.whileSuspended.includes(name) ? unlessImpersonated : whileOpen(unlessImpersonated)];
    }),
  );
  const tree: IRules = {
    Query: { '*': deny, ...guarded('Query', rules.Query), _service: allow, _entities: entitiesRule(rules.entities) },
    // graphql-shield refuses rules for a type that the schema does not have.
    ...(schema.getMutationType() && { Mutation: { '*': deny, ...guarded('Mutation', mutations) } }),
    ...Object.fromEntries(Object.entries(rules.fields).map(([type, guards]) => [type, guarded(type, guards)])),
  };
  const options = { allowExternalErrors: true, fallbackError: forbidden(), fallbackRule: allow };
  const guards = shield(tree, options).generate(schema) as Record<string, Record<string, FieldGuard>>;
  const ruled = ([type, fields]: [string, Record<string, FieldGuard>]) => {
    const isRoot = type === 'Query' || type === 'Mutation';
    return [type, isRoot ? fields : pick(fields, Object.keys(rules.fields[type] ?? {}))] as const;
  };
  return applyMiddleware(schema, Object.fromEntries(Object.entries(guards).map(ruled)));
}

/** While the store is suspended: callers without access get the guard's error, and callers with access STORE_UNAVAILABLE. */
const whileOpen =
  (guard: Guard): Guard =>
  (caller) => {
    const allowed = guard(caller);
    return allowed === true && caller.storeStatus === 'SUSPENDED' ? storeUnavailable() : allowed;
  };

const notImpersonated =
  (guard: Guard): Guard =>
  (caller) => {
    const allowed = guard(caller);
    return allowed === true && caller.impersonatorId !== null ? forbidden() : allowed;
  };

const pick = <Value>(object: Record<string, Value>, keys: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));

/** graphql-shield's contextual cache keeps an answer by the rule's name: it has to be another one for each field of each type. */
function ruleFrom(name: string, guard: Guard) {
  return rule(name, { cache: 'contextual' })((_parent, _args, { caller }: CallerContext) => guard(caller));
}

/**
 * Runs before any reference is resolved, so no entity is loaded for a caller without access. Also refuses keys that are no strings:
 * Prisma would interpret an object as a filter (operator injection).
 */
function entitiesRule(guards: Record<string, Guard>) {
  return rule()((_parent, { representations }, { caller }: CallerContext) => {
    for (const typeName of new Set<string>(representations.map((item: { __typename: string }) => item.__typename))) {
      // Own properties only, so that "toString" is no entity.
      const guard = Object.hasOwn(guards, typeName) ? guards[typeName] : undefined;
      const allowed = guard ? guard(caller) : forbidden();
      if (allowed !== true) return allowed;
    }
    const hasKey = ({ id }: { id?: unknown }) => typeof id === 'string';
    return representations.every(hasKey) || badUserInput('representations', 'each with a text as its id');
  });
}
