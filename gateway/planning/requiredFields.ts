import { type GraphQLSchema, isInterfaceType, isObjectType, Kind, parse, print, visit } from 'graphql';

/** What `@requires` of a supergraph needs with arguments. The planner adds such fields by their names, whatever the arguments. */
export interface RequiredFields {
  /** Their names: the same field with a client's arguments would meet them. */
  names: ReadonlySet<string>;
  /** Pairs of fields that require the same field with different arguments: the planner gives both the value of one of them. */
  conflicts: readonly (readonly [string, string])[];
}

export function fieldsRequiredWithArguments(supergraph: GraphQLSchema): RequiredFields {
  const names = new Set<string>();
  const conflicts: [string, string][] = [];
  for (const type of Object.values(supergraph.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    /** Of this type: by the name of what is required, which field requires it with which arguments. */
    const needs: { name: string; field: string; written: string }[] = [];
    for (const { name: field, astNode } of Object.values(type.getFields())) {
      for (const directive of astNode?.directives ?? []) {
        const required = directive.arguments?.find(({ name }) => name.value === 'requires')?.value;
        if (directive.name.value !== 'join__field' || required?.kind !== Kind.STRING) continue;
        for (const need of withArguments(required.value)) needs.push({ ...need, field });
      }
    }
    for (const [index, { name, field, written }] of needs.entries()) {
      names.add(name);
      const others = needs.slice(index + 1).filter((other) => other.name === name && other.written !== written);
      conflicts.push(...others.map((other) => [field, other.field] as [string, string]));
    }
  }
  return { names, conflicts };
}

function withArguments(fields: string): { name: string; written: string }[] {
  const found: { name: string; written: string }[] = [];
  visit(parse(`{ ${fields} }`), {
    Field({ name, arguments: given = [] }) {
      if (given.length > 0) found.push({ name: name.value, written: given.map((one) => print(one)).join(', ') });
    },
  });
  return found;
}
