import { type GraphQLSchema, isInterfaceType, isObjectType, Kind, parse, visit } from 'graphql';

/**
 * The names of fields that `@requires` asks for with arguments. The planner adds them by their names, so that the same field with other
 * arguments of the client's would meet them.
 */
export function fieldsRequiredWithArguments(supergraph: GraphQLSchema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const type of Object.values(supergraph.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const { astNode } of Object.values(type.getFields())) {
      for (const directive of astNode?.directives ?? []) {
        const required = directive.arguments?.find(({ name }) => name.value === 'requires')?.value;
        if (directive.name.value === 'join__field' && required?.kind === Kind.STRING) addTo(names, required.value);
      }
    }
  }
  return names;
}

function addTo(names: Set<string>, fields: string): void {
  visit(parse(`{ ${fields} }`), {
    Field({ name, arguments: given = [] }) {
      if (given.length > 0) names.add(name.value);
    },
  });
}
