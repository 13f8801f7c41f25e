import {
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { ErrorPaths, type PathStep, pathOf } from './errorPaths';
import type { RawAnswer } from './executePlan';
import { isLeafValue } from './leafValues';
import { isObject, type RawObject } from './rawData';
import type { RuntimeType, SelectedField, Selection } from './selection';

export interface Shape {
  schema: GraphQLSchema;
  selection: Selection;
  root: RuntimeType;
}

type NullableType = GraphQLList<GraphQLOutputType> | GraphQLLeafType | GraphQLCompositeType;

/** Null where null must not be: the next place above that may be null becomes it. The reason is an error already. */
const INVALID = Symbol('invalid');

/**
 * Makes the client's answer of what the subgraphs answered, as a single schema would: the fields in the client's order, by the
 * client's names, and null passed up to the next place that may be null. What a subgraph left out without saying why is an error here.
 * @returns the data, and the errors that are not among `raw.errors` yet.
 */
export function shapeResponse(
  raw: RawAnswer,
  { schema, selection, root }: Shape,
): { data: RawObject | null; faults: GraphQLError[] } {
  const known = new ErrorPaths(raw.errors);
  const faults: GraphQLError[] = [];
  const data = shapeObject(raw.data, root, selection, undefined);
  return { data: isObject(data) ? data : null, faults };

  function shapeObject(object: RawObject, type: RuntimeType, below: Selection, path: PathStep | undefined): unknown {
    const shaped: RawObject = Object.create(null);
    for (const field of below.fieldsOf(type)) {
      const value = shapeField(object, type, field, path);
      if (value === INVALID) return raw.unknown.has(object) && object[field.key] === undefined ? null : INVALID;
      shaped[field.responseName] = value;
    }
    return shaped;
  }

  function shapeField(object: RawObject, type: RuntimeType, field: SelectedField, path: PathStep | undefined): unknown {
    if (field.type === null) {
      return isObjectType(type) ? type.name : fault('the type of an object is missing', path);
    }
    const place = { key: field.key, above: path };
    const value = object[field.key];
    if (value !== undefined) return shapeValue(value, field.type, field.below, place);
    if (raw.unknown.has(object)) return isNonNullType(field.type) ? INVALID : null;
    fault(`${type.name}.${field.name} is missing`, place);
    return isNonNullType(field.type) ? INVALID : null;
  }

  function shapeValue(value: unknown, type: GraphQLOutputType, below: Selection, place: PathStep): unknown {
    const shaped = shapeNullable(value, getNullableType(type), below, place);
    if (!isNonNullType(type)) return shaped === INVALID ? null : shaped;
    return shaped === null ? fault(`null where a value of the type ${type} must be`, place) : shaped;
  }

  function shapeNullable(value: unknown, type: NullableType, below: Selection, place: PathStep): unknown {
    if (value === null || value === undefined) return null;
    if (isListType(type)) {
      if (!Array.isArray(value)) return fault('no list where a list must be', place);
      const shaped = value.map((element, key) => shapeValue(element, type.ofType, below, { key, above: place }));
      return shaped.includes(INVALID) ? INVALID : shaped;
    }
    if (isLeafType(type)) return isLeafValue(type, value) ? value : fault(`a value that is no ${type.name}`, place);
    if (!isObject(value)) return fault(`a value that is no ${type.name}`, place);
    const runtimeType = runtimeTypeOf(value, type);
    return runtimeType
      ? shapeObject(value, runtimeType, below, place)
      : fault(`an object that is no ${type.name}`, place);
  }

  function runtimeTypeOf({ __typename: name }: RawObject, declared: GraphQLCompositeType): RuntimeType | null {
    if (isObjectType(declared)) return declared;
    if (typeof name !== 'string') return isInterfaceType(declared) ? declared : null;
    const type = schema.getType(name);
    return isObjectType(type) || isInterfaceType(type) ? type : null;
  }

  /** What is wrong with the answer of a subgraph, unless the subgraph said so itself. */
  function fault(message: string, place: PathStep | undefined): typeof INVALID {
    if (!place || !known.explain(place)) {
      const extensions = { code: 'INTERNAL_SERVER_ERROR' };
      faults.push(new GraphQLError(`A subgraph answered wrongly: ${message}`, { path: pathOf(place), extensions }));
    }
    return INVALID;
  }
}
