import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** An object's type; an interface where no subgraph was asked which type of it the object has. */
export type RuntimeType = GraphQLObjectType | GraphQLInterfaceType;

/** A field of the answer. */
export interface SelectedField {
  name: string;
  responseName: string;
  /** Where its value is in the raw data. */
  key: string;
  /** Null for `__typename`. */
  type: GraphQLOutputType | null;
  below: Selection;
}

/** What it takes to read a client's document. */
export interface SelectionSource {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Whether `@skip` and `@include` let it through. */
  isIncluded(node: SelectionNode): boolean;
  /** Where a field's value is in the raw data: see internalNames.ts. */
  keyOf(node: FieldNode): string;
}

/** What a client selects of one object: the same fields for each object of a type, so each type's are collected once. */
export class Selection {
  readonly #fields = new Map<RuntimeType, SelectedField[]>();

  constructor(
    private readonly sets: readonly SelectionSetNode[],
    private readonly source: SelectionSource,
  ) {}

  fieldsOf(type: RuntimeType): SelectedField[] {
    const known = this.#fields.get(type);
    if (known) return known;
    const fields = this.#collect(type);
    this.#fields.set(type, fields);
    return fields;
  }

  /** As section 6.3.2 of the specification, CollectFields, says. */
  #collect(type: RuntimeType): SelectedField[] {
    const { schema, fragments, isIncluded } = this.source;
    const groups = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of this.sets) collect(set);
    return [...groups].map(([responseName, nodes]) => this.#field(type, responseName, nodes));

    function collect({ selections }: SelectionSetNode): void {
      for (const selection of selections) {
        if (!isIncluded(selection)) continue;
        if (selection.kind === Kind.FIELD) {
          const name = (selection.alias ?? selection.name).value;
          const group = groups.get(name);
          if (group) group.push(selection);
          else groups.set(name, [selection]);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          const on = selection.typeCondition?.name.value;
          if (on === undefined || applies(schema, schema.getType(on), type)) collect(selection.selectionSet);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment && applies(schema, schema.getType(fragment.typeCondition.name.value), type))
            collect(fragment.selectionSet);
        }
      }
    }
  }

  #field(type: RuntimeType, responseName: string, nodes: FieldNode[]): SelectedField {
    const [node] = nodes;
    if (!node) throw new Error(`No field is named ${responseName}`);
    return {
      name: node.name.value,
      responseName,
      key: this.source.keyOf(node),
      type: type.getFields()[node.name.value]?.type ?? null,
      below: new Selection(
        nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
        this.source,
      ),
    };
  }
}

function applies(schema: GraphQLSchema, condition: GraphQLNamedType | undefined, type: RuntimeType): boolean {
  if (condition === type) return true;
  return (
    isAbstractType(condition) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(condition, type)
  );
}
