import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';

/** An object as subgraphs answered it, under the keys of the plan. */
export type RawObject = Record<string, unknown>;

export const isObject = (value: unknown): value is RawObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** In a plan's paths: each element of a list. */
const EACH = '@';

/** The objects at a path of a plan; none where the data ends before. */
export function objectsAt(root: RawObject, path: readonly (string | number)[]): RawObject[] {
  const objects: RawObject[] = [];
  eachAt(root, path, (object) => objects.push(object));
  return objects;
}

/** Where in the data the objects are that {@link objectsAt} finds. */
export function placesAt(root: RawObject, path: readonly (string | number)[]): (string | number)[][] {
  const places: (string | number)[][] = [];
  eachAt(root, path, (_object, place) => places.push([...place]));
  return places;
}

function eachAt(
  root: RawObject,
  path: readonly (string | number)[],
  visit: (object: RawObject, place: readonly (string | number)[]) => void,
): void {
  const place: (string | number)[] = [];
  walk(root, 0);

  function walk(value: unknown, depth: number): void {
    if (Array.isArray(value)) {
      const next = path[depth] === EACH ? depth + 1 : depth;
      for (const [index, element] of value.entries()) enter(index, element, next);
    } else if (isObject(value)) {
      const step = path[depth];
      if (step === undefined) visit(value, place);
      else if (step === EACH) walk(value, depth + 1);
      else enter(step, value[step], depth + 1);
    }
  }

  function enter(step: string | number, value: unknown, depth: number): void {
    place.push(step);
    walk(value, depth);
    place.pop();
  }
}

/** Adds to `target` what another fetch answered for the same object. Lists of the same length are the same list. */
export function mergeInto(target: RawObject, source: RawObject): void {
  for (const [key, value] of Object.entries(source)) {
    // In a value that is JSON, and that two fetches answered.
    if (key !== '__proto__') target[key] = merged(target[key], value);
  }
}

function merged(target: unknown, source: unknown): unknown {
  if (isObject(target) && isObject(source)) {
    mergeInto(target, source);
    return target;
  }
  if (Array.isArray(target) && Array.isArray(source) && target.length === source.length) {
    return target.map((element, index) => merged(element, source[index]));
  }
  return source;
}

/** What a subgraph needs to know of an object to find it; null when the object is of another type, or does not have it. */
export function representationOf(
  schema: GraphQLSchema,
  object: RawObject,
  requires: readonly QueryPlanSelectionNode[],
): RawObject | null {
  const representation: RawObject = {};
  for (const selection of requires) {
    if (selection.kind === 'InlineFragment') {
      if (selection.typeCondition && isOfType(schema, object, selection.typeCondition)) {
        const part = representationOf(schema, object, selection.selections);
        if (part) mergeInto(representation, part);
      }
      continue;
    }
    const key = selection.alias ?? selection.name;
    const value = object[key];
    if (value === undefined) return null;
    representation[key] = selection.selections ? representationsIn(schema, value, selection.selections) : value;
  }
  return representation;
}

function representationsIn(
  schema: GraphQLSchema,
  value: unknown,
  requires: readonly QueryPlanSelectionNode[],
): unknown {
  if (Array.isArray(value)) return value.map((element) => representationsIn(schema, element, requires));
  return isObject(value) ? representationOf(schema, value, requires) : value;
}

/** Whether an object is of a type, or a type is one of an interface or union. */
function isOfType(schema: GraphQLSchema, { __typename: name }: RawObject, condition: string, unknown = false): boolean {
  if (typeof name !== 'string') return unknown;
  if (name === condition) return true;
  const [type, wanted] = [schema.getType(name), schema.getType(condition)];
  if (!isAbstractType(wanted) || !(isObjectType(type) || isInterfaceType(type))) return false;
  return schema.isSubType(wanted, type);
}

const ON = '... on ';

/** Changes names and values that differ between subgraphs, as the plan says. */
export function rewrite(schema: GraphQLSchema, rewrites: readonly FetchDataRewrite[] = [], data: unknown): void {
  for (const one of rewrites) rewriteAt(schema, one, one.path, data);
}

function rewriteAt(schema: GraphQLSchema, one: FetchDataRewrite, path: readonly string[], value: unknown): void {
  if (Array.isArray(value)) {
    for (const element of value) rewriteAt(schema, one, path, element);
    return;
  }
  const [step, ...rest] = path;
  if (!isObject(value) || step === undefined) return;
  if (step.startsWith(ON)) {
    if (isOfType(schema, value, step.slice(ON.length), true)) rewriteAt(schema, one, rest, value);
  } else if (rest.length > 0) {
    rewriteAt(schema, one, rest, value[step]);
  } else if (one.kind === 'ValueSetter') {
    value[step] = one.setValueTo;
  } else if (value[step] !== undefined) {
    value[one.renameKeyTo] = value[step];
    delete value[step];
  }
}
