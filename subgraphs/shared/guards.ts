import type { GraphQLError } from 'graphql';
import { allow, deny, type IRules, rule, shield } from 'graphql-shield';
import type { Caller } from './caller';
import { forbidden, tenantRequired } from './errors';

interface CallerContext {
  caller: Caller;
}

/** Whether this caller may: true, or the error to answer with. */
export type Guard = (caller: Caller) => true | GraphQLError;

/** Anyone who named a store, signed in or not. */
export const inStore: Guard = (caller) => (caller.tenantId ? true : tenantRequired());

const oneOf =
  (...roles: Caller['role'][]): Guard =>
  (caller) => {
    const store = inStore(caller);
    if (store !== true) return store;
    return roles.includes(caller.role) ? true : forbidden();
  };

/** Someone who works for the store. */
export const staff = oneOf('MEMBER', 'ADMIN', 'SERVICE');
export const admin = oneOf('ADMIN');
/** Someone who signed in, as staff or as a customer. */
export const signedIn = oneOf('CUSTOMER', 'MEMBER', 'ADMIN');
/** Another process of this system, on behalf of a store. */
export const service = oneOf('SERVICE');
/** The gateway asks whose address this is before there is a store to ask for. */
export const inStoreOrService: Guard = (caller) => (caller.role === 'SERVICE' ? true : inStore(caller));

export interface AccessRules {
  Query: Record<string, Guard>;
  Mutation?: Record<string, Guard>;
  /** By entity type: who may reach it through `_entities`. */
  entities: Record<string, Guard>;
  /** Fields that need more than what their object needs. */
  fields?: Record<string, Record<string, Guard>>;
}

/** A shield over the whole schema: what is not named in Query, Mutation and entities is refused. */
export function shieldFrom(rules: AccessRules) {
  const guarded = (guards: Record<string, Guard>) =>
    Object.fromEntries(Object.entries(guards).map(([field, guard]) => [field, ruleFrom(field, guard)]));

  const tree: IRules = {
    Query: { '*': deny, ...guarded(rules.Query), _service: allow, _entities: entitiesRule(rules.entities) },
    ...(rules.Mutation && { Mutation: { '*': deny, ...guarded(rules.Mutation) } }),
    ...Object.fromEntries(Object.entries(rules.fields ?? {}).map(([type, guards]) => [type, guarded(guards)])),
  };
  return shield(tree, { allowExternalErrors: true, fallbackError: forbidden(), fallbackRule: allow });
}

function ruleFrom(name: string, guard: Guard) {
  return rule(name, { cache: 'contextual' })((_parent, _args, { caller }: CallerContext) => guard(caller));
}

/** Runs before any reference is resolved: an entity is never loaded for a caller who may not have it. */
function entitiesRule(guards: Record<string, Guard>) {
  return rule('entities', { cache: 'no_cache' })((_parent, { representations }, { caller }: CallerContext) => {
    for (const typeName of new Set<string>(representations.map((item: { __typename: string }) => item.__typename))) {
      const allowed = guards[typeName]?.(caller) ?? forbidden();
      if (allowed !== true) return allowed;
    }
    return true;
  });
}
