import type { AccessRules, FeatureRules, Guard } from './guards';

/** Resolvers or guards by type and field. */
type FieldMaps = Record<string, unknown>;

/**
 * Merges the resolvers of a subgraph's features. A type that several features extend has the fields of all of them.
 * @throws Error when two features define the same field, since one of them would never run.
 */
export function mergeResolvers<Resolvers extends object>(features: readonly Resolvers[]): Resolvers {
  const merged: FieldMaps = {};
  for (const feature of features) {
    for (const [type, fields] of Object.entries(feature)) merged[type] = mergeFields(type, merged[type], fields);
  }
  return merged as Resolvers;
}

/** Merges the access rules of a subgraph's features. @throws Error when two features have a rule for the same field. */
export function mergeRules(features: readonly FeatureRules[]): AccessRules {
  const guards = (part: 'Query' | 'Mutation' | 'entities') =>
    features.reduce<Record<string, Guard>>((all, feature) => mergeFields(part, all, feature[part] ?? {}), {});
  const names = (part: 'whileSuspended' | 'notWhileImpersonated') => features.flatMap((feature) => feature[part] ?? []);
  return {
    Query: guards('Query'),
    Mutation: guards('Mutation'),
    entities: guards('entities'),
    fields: mergeResolvers(features.map(({ fields = {} }) => fields)),
    whileSuspended: names('whileSuspended'),
    notWhileImpersonated: names('notWhileImpersonated'),
  };
}

/** Merges two maps of fields. A scalar or an enum has no fields, so only one feature can define it. */
function mergeFields<Fields>(type: string, known: unknown, added: Fields): Fields {
  if (known === undefined) return added;
  const twice = Object.keys(added as object).filter((field) => Object.hasOwn(known as object, field));
  if (twice.length > 0) throw new Error(`Two features have ${twice.map((field) => `${type}.${field}`).join(', ')}`);
  return { ...(known as object), ...added };
}
