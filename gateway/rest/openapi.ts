import { GraphQLString } from 'graphql';
import { problemBody } from '../http/problem';
import {
  type CompiledRoute,
  DEFAULT_LIMIT,
  IDEMPOTENCY_KEY,
  IF_MATCH,
  type Input,
  MAX_EXPAND,
  MAX_LIMIT,
} from './compileRoute';
import { inputExample, objectExample, outputExample } from './examples';
import { type JsonSchema, JsonSchemas, listOf, refTo } from './jsonSchemas';
import { isCreation } from './restAnswer';
import { API, publicPathOf } from './routeTable';

/** The statuses of problems, and what they mean. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'A parameter, a header or the body is not what it has to be: `errors` says which.',
  401: 'Nobody has signed in where somebody must, or the token is not valid.',
  403: 'Who has signed in may not do this, or the store is closed.',
  404: 'There is no such object in this store.',
  409: 'The change contradicts what is there: a taken name, a status, an idempotency key that was used for another request.',
  412: 'The object has changed since its ETag was read.',
  413: 'The body is larger than 1 MB.',
  415: 'The body is not application/json.',
  422: 'The change breaks a rule: `errors` says which, and where.',
  428: 'The change needs If-Match.',
  429: 'Too much was asked for in a short time: try again after Retry-After.',
  500: 'A fault of the system.',
  503: 'A part of the system does not answer: try again after Retry-After.',
};
const OF_ALL = [400, 401, 403, 404, 429, 500, 503];
const OF_CHANGES = [409, 412, 413, 415, 422];

const HEADER_NAMES: Readonly<Record<string, string>> = { [IDEMPOTENCY_KEY]: 'Idempotency-Key', [IF_MATCH]: 'If-Match' };
const HEADER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  [IDEMPOTENCY_KEY]: { type: 'string', minLength: 8, maxLength: 255 },
  [IF_MATCH]: { type: 'string', pattern: '^"[0-9]{1,9}"$', examples: ['"3"'] },
};

const FIELD_FAULT: JsonSchema = {
  type: 'object',
  description: 'What is wrong with a field, a parameter or a header.',
  required: ['field', 'code', 'message'],
  properties: {
    field: { type: ['string', 'null'], description: 'By the name that the request or the answer has for it.' },
    code: { type: 'string' },
    message: { type: 'string', description: 'For people, in English.' },
  },
};
const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'An error, by RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'code', 'errors', 'requestId'],
  properties: {
    type: { type: 'string', description: 'The code as a URN.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'For people, in English.' },
    code: { type: 'string', description: 'What programs go by: docs/ERRORS.md lists the codes.' },
    errors: { type: 'array', items: refTo('FieldFault') },
    requestId: { type: 'string', description: 'What to name when asking for help.' },
    retryAfter: { type: 'integer', description: 'Seconds.' },
    result: { type: 'object', description: 'What a refused change has done all the same.' },
  },
};
const PARTIAL: JsonSchema = {
  type: 'object',
  properties: {
    unavailable: {
      type: 'array',
      description:
        'The fields that are null because the caller may not see them, or a part of the system does not answer.',
      items: refTo('FieldFault'),
    },
  },
};
const DELETED: JsonSchema = {
  type: 'object',
  required: ['id', 'deleted'],
  properties: { id: { type: ['string', 'null'] }, deleted: { const: true } },
};

/** The REST API as OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html */
export function describeApi(compiled: readonly CompiledRoute[]): JsonSchema {
  const schemas = new JsonSchemas();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const one of compiled) {
    const path = `${API}${publicPathOf(one.route)}`;
    paths[path] = { ...paths[path], [one.route.method.toLowerCase()]: operationOf(one, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stores',
      version: '1',
      description:
        'The REST API of a store. Name the store by its address, by X-Store-Domain, or by the active organization of your token. What a visitor may see takes no token.',
      license: { name: 'Proprietary', url: 'https://example.com/' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { storefront: [] }, {}],
    tags: [...new Set(compiled.map(({ route }) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemas.all, Deleted: DELETED, FieldFault: FIELD_FAULT, Partial: PARTIAL, Problem: PROBLEM },
      responses: Object.fromEntries(
        Object.keys(PROBLEMS).map((status) => [`Problem${status}`, problemOf(Number(status))]),
      ),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'A session token of Clerk, or a program’s own of appTokenCreate: mst_live_…',
        },
        storefront: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Storefront-Token',
          description:
            'A storefront’s token, mst_pub_…, in place of the store’s address. A buyer’s session token goes beside it.',
        },
      },
      parameters: {
        Store: {
          name: 'X-Store-Domain',
          in: 'header',
          description: "The store's host, where the address of the request is not the store's.",
          schema: { type: 'string' },
        },
      },
    },
  };
}

function operationOf(compiled: CompiledRoute, schemas: JsonSchemas): JsonSchema {
  const { operationName, route, steps, isMutation, inputs, body } = compiled;
  const description = (steps.at(-1)?.description ?? '').replaceAll('\n', ' ');
  const [summary = ''] = description.split(/(?<=[.:;]) /, 1);
  const needsVersion = inputs.some(({ name, isRequired }) => name === IF_MATCH && isRequired);
  const problems = [...OF_ALL, ...(isMutation ? OF_CHANGES : []), ...(needsVersion ? [428] : [])];
  return {
    operationId: operationName,
    tags: [route.tag],
    summary: summary.slice(0, 120),
    description,
    parameters: [
      ...inputs.map((input) => parameterOf(input, schemas)),
      ...(compiled.expandable.length > 0 ? [expandOf(compiled)] : []),
      { $ref: '#/components/parameters/Store' },
    ],
    ...(body && { requestBody: bodyOf(compiled, schemas) }),
    responses: {
      [isCreation(compiled) ? '201' : '200']: answerOf(compiled, schemas),
      ...Object.fromEntries(problems.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }])),
    },
  };
}

function parameterOf({ name, in: place, type, description, isRequired }: Input, schemas: JsonSchemas): JsonSchema {
  const isLimit = name === 'limit' && place === 'query';
  const schema = isLimit
    ? { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }
    : (HEADER_SCHEMAS[name] ?? schemas.input(type, false));
  return {
    name: HEADER_NAMES[name] ?? name,
    in: place,
    description,
    ...((isRequired || place === 'path') && { required: true }),
    schema: place === 'path' && schema.type === 'string' ? { ...schema, minLength: 1 } : schema,
  };
}

const expandOf = ({ expandable }: CompiledRoute): JsonSchema => ({
  name: 'expand',
  in: 'query',
  description: 'What to answer beside what is always answered.',
  explode: false,
  schema: { type: 'array', maxItems: MAX_EXPAND, items: { type: 'string', enum: expandable } },
});

function bodyOf({ body }: CompiledRoute, schemas: JsonSchemas): JsonSchema {
  const fields = body ?? [];
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const schema = {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fields.map(({ name, definition }) => [name, schemas.inputField(definition)])),
    additionalProperties: false,
  };
  const shown = fields.filter(({ isRequired }) => isRequired);
  const example = Object.fromEntries(
    shown.map(({ name, definition }) => [name, inputExample(definition, definition.type)]),
  );
  return { required: required.length > 0, content: { 'application/json': { schema, example } } };
}

function answerOf(compiled: CompiledRoute, schemas: JsonSchemas): JsonSchema {
  const [schema, example] = answered(compiled, schemas);
  const header = (description: string) => ({ description, schema: { type: 'string' } });
  return {
    description: isCreation(compiled) ? 'It was made.' : 'OK',
    headers: {
      'X-Request-Id': header('What to name when asking for help.'),
      RateLimit: header('What is left of the rate limit that is nearest to its end, in the cost of operations.'),
      'RateLimit-Policy': header('That limit, by windows of ten seconds.'),
      ...(schemaHasVersion(compiled) && { ETag: header('The version of the object, for If-Match.') }),
    },
    content: { 'application/json': { schema: { allOf: [schema, refTo('Partial')] }, example } },
  };
}

function schemaHasVersion(compiled: CompiledRoute): boolean {
  const answer = compiled.answered([]);
  return answer.kind === 'object' && answer.selection.fields.some(({ field }) => field.name === 'version');
}

function answered(compiled: CompiledRoute, schemas: JsonSchemas): [JsonSchema, unknown] {
  const answer = compiled.answered([]);
  switch (answer.kind) {
    case 'deleted':
      return [refTo('Deleted'), { id: outputExample({ name: 'id' }, GraphQLString, null), deleted: true }];
    case 'object':
      return [schemas.object(answer.selection.type), objectExample(answer.selection)];
    case 'list': {
      const example = { data: [objectExample(answer.selection)], hasMore: false, next: null };
      return [listOf(schemas.object(answer.selection.type)), example];
    }
    case 'parts': {
      const { fields } = answer.parts;
      const schema = {
        type: 'object',
        required: fields.map(({ field }) => field.name),
        properties: Object.fromEntries(fields.map(({ field }) => [field.name, schemas.output(field.type)])),
      };
      return [schema, objectExample(answer.parts)];
    }
  }
}

function problemOf(status: number): JsonSchema {
  const example = JSON.parse(
    problemBody({ status, code: CODES[status] ?? 'INVALID', detail: PROBLEMS[status] ?? '', requestId: '5b0c2f1e' }),
  );
  return {
    description: PROBLEMS[status],
    content: { 'application/problem+json': { schema: refTo('Problem'), example } },
  };
}

const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_USER_INPUT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'TAKEN',
  412: 'STALE_VERSION',
  413: 'BAD_REQUEST',
  415: 'BAD_REQUEST',
  428: 'PRECONDITION_REQUIRED',
  429: 'THROTTLED',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
};
