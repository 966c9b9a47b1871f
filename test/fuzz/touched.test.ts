import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Storage } from '../../src/demo/store/storage.ts';
import { callRequest } from './support/calls.ts';
import { type Asked, type Fate, type Principal, pass, principals } from './support/gate.ts';
import { restRequest } from './support/requests.ts';
import { newWorld, secret, stateOfSecret } from './support/world.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 2000);

/** Operations that reach all that they show; what they show is trimmed. */
const lists = new Set([
  'collections.list',
  'aliases.list',
  'aliases.list_collection',
  'service.telemetry',
  'service.metrics',
  'service.issues',
  'cluster.telemetry',
]);

/** What a request did that it may not have done; empty where all is well. */
function wrongs(who: Principal, fate: Fate, aliases: Storage['aliases']): string[] {
  const { judged, touches, forwarded, operation, body } = fate;
  if (forwarded === null) return touches.map(() => 'touched without being forwarded');
  if (judged === null) return ['forwarded without an intent'];
  if (operation !== null && lists.has(operation)) {
    return who !== 'aliased' && /\bsec(_alias)?\b|pubalias/.test(body) ? [`shown: ${body}`] : [];
  }
  const known = new Set(judged.map(({ resolved }) => resolved));
  // Qdrant refuses a collection of an alias's name: of what the alias leads to it tells nothing.
  if (operation === 'collections.create')
    for (const name of known) known.add(aliases.get(name) ?? name);
  const reached = [...touches.flatMap(({ collections }) => [...collections]), ...source(fate)];
  const hidden = reached.filter((name) => !known.has(name)).map((name) => `unjudged: ${name}`);
  const created = operation === 'collections.create';
  const forbidden = reached.filter((name) => name === secret && who !== 'aliased' && !created);
  return [...hidden, ...forbidden.map((name) => `forbidden: ${name}`)];
}

/** The collection whose directory a restored file lies in, which the demo database does not tell. */
function source({ operation, forwarded }: Fate): string[] {
  if (operation !== 'snapshots.recover') return [];
  const { location } = JSON.parse(String(forwarded?.body)) as { location: string };
  return [new URL(location).pathname.split('/').at(-2) ?? ''];
}

interface Run {
  readonly who: Principal;
  readonly requests: readonly Asked[];
}

function runs(request: fc.Arbitrary<Asked>): fc.Arbitrary<Run> {
  const requests = fc.array(request, { minLength: 1, maxLength: 4 });
  return fc.record({ who: fc.constantFrom(...principals), requests });
}

const counts = { forwarded: 0, refused: 0, succeeded: 0, operations: new Set<string>() };

async function holds({ who, requests }: Run): Promise<void> {
  const world: Storage = newWorld();
  const secretBefore = stateOfSecret(world);
  for (const asked of requests) {
    const before = new Map(world.aliases);
    const fate = await pass(asked, who, world);
    expect(wrongs(who, fate, before), describeRun(asked, fate)).toEqual([]);
    counts[fate.forwarded ? 'forwarded' : 'refused']++;
    if (fate.forwarded && fate.operation) counts.operations.add(fate.operation);
    expect(fate.refusal?.code, String(fate.refusal?.stack)).not.toBe('gateway-fault');
  }
  const after = stateOfSecret(world);
  if (who === 'aliased') expect(after).toMatchObject({ aliases: ['sec_alias', 'pubalias'] });
  else expect(after).toEqual(secretBefore);
}

function describeRun(asked: Asked, fate: Fate): string {
  return `${asked.method} ${asked.target}\n${asked.body.toString('latin1')}\n${JSON.stringify(fate)}`;
}

describe('every collection that the database touches was judged, and none is the secret one', () => {
  it.each([
    ['REST', restRequest],
    ['gRPC', callRequest],
    ['both in turn', fc.oneof(restRequest, callRequest)],
  ])('whatever is asked over %s', { timeout: 600_000 }, async (_, request) => {
    Object.assign(counts, { forwarded: 0, refused: 0, operations: new Set() });
    await fc.assert(fc.asyncProperty(runs(request), holds), { numRuns, verbose: 1 });
    const share = counts.forwarded / (counts.forwarded + counts.refused);
    expect(share, 'of the requests should pass').toBeGreaterThan(0.1);
    expect(counts.operations.size).toBeGreaterThan(15);
    if (process.env['FUZZ_RUNS']) console.log(counts, share);
  });
});
