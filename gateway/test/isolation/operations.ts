import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  buildSchema,
  concatAST,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isInputObjectType,
  isObjectType,
  parse,
  type Source,
} from 'graphql';
import { composeSubgraphs, readSchemas } from '../../compose';
import { ENTITY_KINDS, OWN_WORDS } from './cases';
import { isUniqueWord } from './texts';

export const SUBGRAPHS = ['tenant', 'product', 'order'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

/** A place in an operation's arguments that can name an object of a store. */
export interface Leaf {
  /** The path from the argument: ["input", "lines", "variantId"]. */
  path: string[];
  /** The kind of object: an id's prefix such as `pvar`, one of NAMES, or a column of texts: `text tags`. */
  kind: string;
}

export interface Operation {
  type: 'Query' | 'Mutation';
  name: string;
  field: GraphQLField<unknown, unknown>;
  /** The type in the clients' schema; null when clients don't see it. */
  publicType: GraphQLOutputType | null;
  subgraph: SubgraphName;
  leaves: Leaf[];
}

export interface Entity {
  name: string;
  subgraph: SubgraphName;
  type: GraphQLObjectType;
  /** The prefix of its ids. */
  kind: string;
}

/** The kinds of objects that texts and numbers name, by argument. For an id, its description tells: "prod_…". */
const NAMES: Record<string, string> = {
  slug: 'slug',
  sku: 'sku',
  skus: 'sku',
  code: 'code',
  host: 'host',
  domain: 'host',
  confirmSlug: 'storeSlug',
  accessToken: 'accessToken',
  externalReference: 'externalReference',
};

export const keyOf = ({ type, name }: Pick<Operation, 'type' | 'name'>, path: readonly string[] = []) =>
  [`${type}.${name}`, ...path].join(' ');

const schemaOf = (files: readonly Source[]) => buildSubgraphSchema(concatAST(files.map((file) => parse(file))));

/** Every query and mutation of the three subgraphs, and thereby of the supergraph. */
export function listOperations(schemas = readSchemas()): Operation[] {
  const api = buildSchema(composeSubgraphs(schemas).apiSdl);
  return SUBGRAPHS.flatMap((subgraph) => {
    const schema = schemaOf(schemas[subgraph]);
    return [schema.getQueryType(), schema.getMutationType()].flatMap((root) => {
      const type = root?.name as Operation['type'];
      const fields = Object.values(root?.getFields() ?? {}).filter(({ name }) => !name.startsWith('_'));
      return fields.map((field) => {
        const publicType = api.getType(type);
        const shown = isObjectType(publicType) ? publicType.getFields()[field.name]?.type : undefined;
        return { type, name: field.name, field, publicType: shown ?? null, subgraph, leaves: leavesOf(type, field) };
      });
    });
  });
}

/** Every entity, for each subgraph that resolves it. */
export function listEntities(schemas = readSchemas()): Entity[] {
  return SUBGRAPHS.flatMap((subgraph) => {
    const schema = schemaOf(schemas[subgraph]);
    return Object.values(schema.getTypeMap()).flatMap((type) => {
      const isResolved = type.astNode?.directives?.some(
        ({ name, arguments: args = [] }) =>
          name.value === 'key' && !args.some(({ value }) => value.kind === 'BooleanValue' && !value.value),
      );
      if (!isResolved || !isObjectType(type)) return [];
      return [
        {
          name: type.name,
          subgraph,
          type,
          kind: prefixIn(type.getFields().id?.description) ?? ENTITY_KINDS[type.name] ?? type.name,
        },
      ];
    });
  });
}

function leavesOf(type: Operation['type'], field: GraphQLField<unknown, unknown>): Leaf[] {
  const leaves = field.args.flatMap((arg) => walk(type, field.name, arg, [arg.name], []));
  return leaves.filter(({ path }) => !OWN_WORDS.includes(keyOf({ type, name: field.name }, path)));
}

function walk(
  root: Operation['type'],
  operation: string,
  input: GraphQLArgument | GraphQLInputField,
  path: string[],
  within: string[],
): Leaf[] {
  const type = getNamedType(input.type);
  if (isInputObjectType(type)) {
    if (within.includes(type.name)) return [];
    const fields = Object.values(type.getFields());
    return fields.flatMap((inner) => walk(root, operation, inner, [...path, inner.name], [...within, type.name]));
  }
  const kind = type.name === 'ID' ? (prefixIn(input.description) ?? `id without a prefix: ${path.join('.')}`) : named();
  return kind === null ? [] : [{ path, kind }];

  function named(): string | null {
    const name = path.at(-1) ?? '';
    if (type.name === 'Int' && name === 'number') return 'number';
    if (type.name !== 'String') return null;
    if (!(name in NAMES)) return isCursor(name) || (root === 'Mutation' && !isUniqueWord(name)) ? null : `text ${name}`;
    // A category's slug is another kind than a product's.
    if (name === 'slug') return `${/^[a-z]+/.exec(operation)?.[0]}Slug`;
    return NAMES[name] ?? null;
  }
}

/** Cursors are tested separately, by cursors.walk.ts. */
const isCursor = (name: string) => name === 'after' || name === 'before';

const prefixIn = (description: string | null | undefined) => /\b([a-z]+)_…/.exec(description ?? '')?.[1];
