import { type GraphQLSchema, isScalarType, isSpecifiedScalarType } from 'graphql';
import { SCALARS } from '../../subgraphs/shared/scalars';

/**
 * Gives the scalars of a schema that was made of SDL the code that the subgraphs read them with, so that a wrong value is refused before
 * any part of its operation runs. In place: Apollo Server validates documents by the same object as Apollo Gateway checks variables.
 * @throws Error for a scalar that has no code.
 */
export function addScalarCode(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || isSpecifiedScalarType(type)) continue;
    const scalar = SCALARS[type.name];
    if (!scalar) throw new Error(`subgraphs/shared/scalars.ts has no code for the scalar ${type.name}`);
    type.serialize = scalar.serialize;
    type.parseValue = scalar.parseValue;
    type.parseLiteral = scalar.parseLiteral;
  }
}
