import { z } from 'zod';
import { type ApiErrorCode, errorMeaning, errorResponseSchema, errorStatus } from './errors.ts';
import type { Operation, RestBinding } from './operation.ts';
import { edgeErrors, operationIds, operationOf } from './operations/index.ts';
import { pathField } from './rest/route.ts';

/** OpenAPI 3.1 from the operation table. Its schemas are JSON Schema 2020-12, which zod writes natively. */

type Json = { [name: string]: unknown };

/** The document as a JSON object. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

/** Collects named schemas, so that each is written once. */
class Components {
  readonly schemas: Json = {};

  /** The JSON Schema of `schema`, its named parts moved to the components. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io }) as Json;
    for (const [name, part] of Object.entries($defs as Json)) this.schemas[name] = relink(part);
    return relink(rest) as Json; // relink keeps the shape.
  }
}

/** Points every `#/$defs/X` to `#/components/schemas/X`, and drops the ids that zod leaves on the parts. */
function relink(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(relink);
  if (typeof node !== 'object' || node === null) return node;
  const linked: Json = {};
  for (const [name, child] of Object.entries(node)) {
    if (name === 'id' && typeof child === 'string') continue;
    linked[name] =
      name === '$ref' && typeof child === 'string'
        ? child.replace('#/$defs/', '#/components/schemas/')
        : relink(child);
  }
  return linked;
}

/** Version of the contract: its major number is in the paths, its minor rises with every addition. */
export const contractVersion = '1.0.0';

/** Builds the whole document. */
export function openApiDocument(): OpenApiDocument {
  const components = new Components();
  const errorRef = components.schemaOf(errorResponseSchema, 'output');
  const paths: Record<string, Json> = {};
  for (const id of operationIds) {
    const operation = operationOf(id);
    const path = paths[operation.rest.path] ?? {};
    path[operation.rest.method.toLowerCase()] = describe(id, operation, components, errorRef);
    paths[operation.rest.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Starling',
      version: contractVersion,
      description:
        'A leaderless, Dynamo-style key-value database. Every operation of this table is also served by tRPC under its operationId.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { clusterSecret: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function describe(id: string, operation: Operation, components: Components, errorRef: Json): Json {
  const { rest } = operation;
  const input = components.schemaOf(operation.input, 'input');
  const properties = (input['properties'] ?? {}) as Readonly<Record<string, Json>>; // An object schema's own shape.
  return {
    operationId: id,
    tags: [id.split('.')[0]],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(rest.wire === 'bytes' ? { security: [{ clusterSecret: [] }] } : {}),
    parameters: parametersOf(rest, properties),
    ...requestBodyOf(operation, properties, (input['required'] ?? []) as readonly string[]),
    responses: { ...successOf(operation, components), ...errorsOf(operation, errorRef) },
  };
}

function parametersOf(rest: RestBinding, properties: Readonly<Record<string, Json>>): Json[] {
  const at = (place: string) => (name: string) => ({
    name,
    in: place,
    required: place === 'path',
    schema: properties[name] ?? {},
  });
  const named = pathField(rest.path);
  const inPath = named === null ? [] : [at('path')(named)];
  const inQuery = Object.keys(rest.query ?? {}).map(at('query'));
  const inHeader = Object.entries(rest.headers ?? {}).map(([field, name]) => ({
    name,
    in: 'header',
    required: false,
    schema: properties[field] ?? {},
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function requestBodyOf(
  operation: Operation,
  properties: Readonly<Record<string, Json>>,
  required: readonly string[],
): Json {
  const { body, wire } = operation.rest;
  if (body === undefined) return {};
  if (wire === 'bytes')
    return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  const schema = {
    type: 'object',
    properties: Object.fromEntries(body.fields.map((name) => [name, properties[name] ?? {}])),
    required: body.fields.filter((name) => required.includes(name)),
    additionalProperties: false,
  };
  const examples = Object.fromEntries(
    operation.examples.map((example) => [example.name, { value: pick(example.input, body.fields) }]),
  );
  return {
    requestBody: { required: body.optional !== true, content: { 'application/json': { schema, examples } } },
  };
}

function pick(input: unknown, fields: readonly string[]): Json {
  const given = Object.entries(input as Json).filter(([name]) => fields.includes(name)); // Examples are objects.
  return Object.fromEntries(given);
}

function successOf(operation: Operation, components: Components): Json {
  switch (operation.rest.wire) {
    case 'text':
      return { 200: { description: 'Text.', content: { 'text/plain': {} } } };
    case 'bytes':
      return { 200: { description: 'The answering message.', content: { 'application/octet-stream': {} } } };
    case 'socket':
      return { 101: { description: 'Switched to WebSocket.' } };
    default: {
      const schema = components.schemaOf(operation.output, 'output');
      return { 200: { description: 'Done.', content: { 'application/json': { schema } } } };
    }
  }
}

/** One response per status, telling each code that shares it. */
function errorsOf(operation: Operation, errorRef: Json): Json {
  const codes = new Set<ApiErrorCode>([...operation.errors, ...edgeErrors]);
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const told = byStatus.get(errorStatus[code]) ?? [];
    byStatus.set(errorStatus[code], [...told, `\`${code}\`: ${errorMeaning[code]}`]);
  }
  const content = { 'application/json': { schema: errorRef } };
  return Object.fromEntries(
    [...byStatus].map(([status, told]) => [status, { description: told.join('\n\n'), content }]),
  );
}
