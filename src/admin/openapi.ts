import { z } from 'zod';
import { replyJson } from './port.ts';
import { problemSchema } from './problem-reply.ts';
import { type AdminRoute, adminRoute } from './route.ts';

/** What may be answered to any call that needs a credential. */
const always = {
  400: 'The call cannot be read in one way only',
  401: 'A valid credential is required, or a fresh one',
  403: 'The administrator has not the role',
  413: 'The body is too large',
  429: 'Too many wrong credentials',
  500: 'Internal error',
  503: 'The audit log cannot be written, so nothing is changed',
} as const;

/** Serves the description of these routes, and of itself. */
export function openApiRoute(routes: readonly AdminRoute[], version: string): AdminRoute {
  const own: AdminRoute = adminRoute({
    ...{ name: 'openapi', method: 'GET', path: '/openapi.json', role: 'viewer' },
    summary: 'This description',
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({}) } },
    run: () => described,
  });
  const described = replyJson(200, openApi([...routes, own], version));
  return own;
}

/** The OpenAPI 3.1 document of the admin port. */
function openApi(routes: readonly AdminRoute[], version: string): object {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  const paths = [...byPath].map(([path, at]) => {
    const methods = at.map((route) => [route.method.toLowerCase(), operationOf(route)] as const);
    return [path, Object.fromEntries(methods)] as const;
  });
  return {
    openapi: '3.1.0',
    info: { title: 'Vectorgate administration', version },
    security: [{ bearer: [] }, { certificate: [] }],
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        certificate: { type: 'mutualTLS' },
      },
      schemas: { Problem: jsonSchema(problemSchema) },
    },
  };
}

function operationOf(route: AdminRoute): object {
  const { name, summary, role, body, answers } = route;
  return {
    operationId: name,
    summary,
    ...(role === null ? { security: [] } : { 'x-role': role, 'x-fresh-credential': route.fresh }),
    ...parametersOf(route),
    ...(body ? { requestBody: { required: true, content: content(body) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { description, schema }]) => {
          return [status, { description, ...(schema ? { content: content(schema) } : {}) }];
        }),
      ),
      ...(role === null ? {} : problems(route)),
    },
  };
}

function parametersOf({ path, query }: AdminRoute): object {
  const name = /\{(\w+)\}/.exec(path)?.[1];
  const inPath = name ? [{ name, in: 'path', required: true, schema: { type: 'string' } }] : [];
  const shape = query instanceof z.ZodObject ? (query.shape as Record<string, z.ZodType>) : {};
  const inQuery = Object.entries(shape).map(([key, schema]) => {
    const required = !schema.safeParse(undefined).success;
    return { name: key, in: 'query', required, schema: jsonSchema(schema) };
  });
  const parameters = [...inPath, ...inQuery];
  return parameters.length > 0 ? { parameters } : {};
}

function problems({ answers, path, changes }: AdminRoute): object {
  const named = path.includes('{') ? { 404: 'There is no such thing' } : {};
  const changed = changes ? { 409: 'It does not go with what is there' } : {};
  const schema = { $ref: '#/components/schemas/Problem' };
  return Object.fromEntries(
    Object.entries({ ...always, ...named, ...changed })
      .filter(([status]) => !Object.hasOwn(answers, status))
      .map(([status, description]) => {
        return [status, { description, content: { 'application/problem+json': { schema } } }];
      }),
  );
}

function content(schema: z.ZodType): object {
  return { 'application/json': { schema: jsonSchema(schema) } };
}

function jsonSchema(schema: z.ZodType): object {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  delete made.$schema;
  return made;
}
