/** Every way the database says no, with the HTTP status and gRPC code that carry it. */
export const failureKinds = {
  wrongInput: { http: 400, grpc: 3, prefix: 'Wrong input: ' },
  badRequest: { http: 400, grpc: 3, prefix: 'Bad request: ' },
  malformed: { http: 400, grpc: 3, prefix: '' },
  invalid: { http: 422, grpc: 3, prefix: '' },
  forbidden: { http: 403, grpc: 7, prefix: 'Forbidden: ' },
  notFound: { http: 404, grpc: 5, prefix: 'Not found: ' },
  exists: { http: 409, grpc: 6, prefix: 'Wrong input: ' },
  tooLarge: { http: 413, grpc: 8, prefix: '' },
  notBuilt: { http: 501, grpc: 12, prefix: 'The demo database does not do this: ' },
  internal: { http: 500, grpc: 13, prefix: 'Service internal error: ' },
} as const;

/** The name of one way to say no. */
export type FailureKind = keyof typeof failureKinds;

/** A request that the database refuses, in the words its clients read. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string) {
    super(failureKinds[kind].prefix + message);
    this.kind = kind;
  }
}
