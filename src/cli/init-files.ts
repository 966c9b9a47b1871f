/** What a first configuration is made from. */
export interface FirstSetup {
  readonly database: 'qdrant' | 'milvus';
  /** The host that clients reach. */
  readonly listen: string;
}

interface Profile {
  /** The ports that a client knows, and where the database moves to. */
  readonly ports: readonly {
    readonly protocol: string;
    readonly own: number;
    readonly at: number;
  }[];
  readonly search: string;
}

const profiles: Readonly<Record<FirstSetup['database'], Profile>> = {
  qdrant: {
    ports: [
      { protocol: 'http', own: 6333, at: 16333 },
      { protocol: 'grpc', own: 6334, at: 16334 },
    ],
    search: 'points.query',
  },
  milvus: { ports: [{ protocol: 'grpc', own: 19530, at: 29530 }], search: 'entities.search' },
};

/** The configuration, its paths relative to itself. */
export function firstConfiguration({ database, listen }: FirstSetup): string {
  const { ports } = profiles[database];
  const host = listen.includes(':') ? `[${listen}]` : listen;
  const addresses = ports.map(({ protocol, at }) => `    ${protocol}: http://127.0.0.1:${at}`);
  const own = ports.map(({ protocol, own: port }) => `${protocol}: "${host}:${port}"`).join(', ');
  return `# docs/configuration.md tells what each key takes; vectorgate check reads it all.
version: 1
upstreams:
  - name: main
    database: ${database}
    # Move the database there, so that it is reached only through the gateway.
${addresses.join('\n')}
    # What the gateway presents to it, in a file of mode 0600:
    # credential: \${file:database-credential}
    listen: { ${own} }
    policies: policies/
tls:
  # For development: put your own certificate in its place.
  certificate: certs/server.pem
  key: certs/server-key.pem
identity:
  keys: { store: file, path: keys.yaml }
${rest}`;
}

const rest = `audit:
  directory: audit/
  checkpoints: { key: audit-key.pem }
admin:
  listen: 127.0.0.1:9633
  # For emergencies; name administrators beside it (docs/admin-api.md).
  tokenFile: admin-token
health:
  listen: 127.0.0.1:9634
`;

/** The first role and its test, by their names in the folder of policies. */
export function firstPolicies({ database }: FirstSetup): Readonly<Record<string, string>> {
  const { search } = profiles[database];
  return {
    'app.yaml': `# An application with collections of its own: app_documents, app_images, …
role: app
allow:
  - collections: ["app_*"]
    access: m
`,
    'app.test.yaml': `- as: { roles: [app] }
  may: [collections.create on app_documents, ${search} on app_documents]
  may not: [${search} on others]
`,
  };
}
