import { readFileSync } from 'node:fs';
import { buildSchema, isInterfaceType } from 'graphql';

/** Which types each interface has. Run it when you build, and give its result to the client as JSON: the browser needs no SDL. */
export function possibleTypesOf(sdlFile: string): Record<string, string[]> {
  const schema = buildSchema(readFileSync(sdlFile, 'utf8'));
  const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType);
  return Object.fromEntries(
    interfaces.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
  );
}
