/** A policy file that is in force unless the operator's folder has one for the same role. */
export interface PolicyText {
  readonly name: string;
  readonly text: string;
}

/**
 * What each word of Qdrant's own access tokens grants: what Qdrant grants for it (its
 * lib/storage/src/rbac/mod.rs), without `export` and without `admin`, which carries full snapshots.
 * docs/identity.md shows these texts.
 */
export const tokenPolicies: readonly PolicyText[] = [
  {
    name: 'qdrant-r.yaml',
    text: `# { collection: NAME, access: r }
role: qdrant:r
allow:
  - collections: ["{claims.collections_r}"]
    access: [r, observe]
  - operations: [service.telemetry, service.issues, cluster.telemetry]
`,
  },
  {
    name: 'qdrant-prw.yaml',
    text: `# { collection: NAME, access: prw }
role: qdrant:prw
allow:
  - collections: ["{claims.collections_prw}"]
    access: prw
    operations: [collections.optimizations, collections.memory, shard_points.cleanup]
  - operations: [service.telemetry, service.issues, cluster.telemetry]
`,
  },
  {
    name: 'qdrant-rw.yaml',
    text: `# { collection: NAME, access: rw }
role: qdrant:rw
allow:
  - collections: ["{claims.collections_rw}"]
    access: [rw, observe]
    operations: [shard_points.cleanup]
  - operations: [service.telemetry, service.issues, cluster.telemetry]
`,
  },
  {
    name: 'qdrant-global-r.yaml',
    text: `# access: r
role: qdrant:global-r
allow:
  - collections: ["*"]
    access: [r, observe]
  - access: [list, observe]
`,
  },
  {
    name: 'qdrant-global-m.yaml',
    text: `# access: m
role: qdrant:global-m
allow:
  - collections: ["*"]
    access: [rw, observe, manage]
  - access: [list, observe, manage]
`,
  },
];
