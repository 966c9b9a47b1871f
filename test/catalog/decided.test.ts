import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Head, Reading } from '../../src/catalog/operation.ts';
import { qdrant } from '../../src/catalog/qdrant/database.ts';
import { Refusal } from '../../src/refusal.ts';
import { grpcDecisions, restDecisions } from './decisions.ts';
import { namesOf } from './names.ts';

const names = namesOf(['products', 'docs-a', 'gp', 'wide', 'other'], { store: 'docs-a', ga: 'gp' });

function linesOf<T>(file: string): T[] {
  const path = new URL(`../data/qdrant-transcripts/${file}.jsonl`, import.meta.url);
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

/** Classifies as the pipeline does, and says what became of it in the words of a decision. */
function decide(head: Head, body: Buffer): [string, string] {
  try {
    const located = qdrant.locate(head);
    if (located.operation.answer) return ['local', ''];
    located.needs(names);
    const reading = located.read(located.hold === null ? null : body) as Reading;
    const { objection } = reading.intent(names);
    return objection ? ['objected', objection.message] : ['passes', ''];
  } catch (error) {
    if (error instanceof Refusal) return ['refused', error.message];
    throw error;
  }
}

function fieldsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

describe('every recorded raw REST request is decided on purpose', () => {
  const cases = linesOf<{ readonly case: string; readonly request: string }>('3-rest-raw');

  it('none is left out of the table, and none in it is made up', () => {
    expect(Object.keys(restDecisions).sort()).toEqual(cases.map((one) => one.case).sort());
  });

  it.each(cases)('$case', ({ case: name, request }) => {
    const [decision, why] = restDecisions[name] as readonly [string, string];
    if (decision === 'edge') return;
    const [head, body] = request.split('\r\n\r\n', 2) as [string, string];
    const [first, ...lines] = head.split('\r\n') as [string, ...string[]];
    const [method, target] = first.split(' ') as [string, string];
    const fields = fieldsOf(lines);
    const field = (field: string) => fields[field];
    const [got, reason] = decide({ protocol: 'http', method, target, field }, Buffer.from(body));
    expect(got).toBe(decision);
    if (got === 'refused' || got === 'objected') expect(reason).toContain(why);
  });
});

describe('every recorded raw gRPC call is decided on purpose', () => {
  const cases = [
    ...linesOf<GrpcCase>('4-grpc-raw'),
    ...linesOf<Partial<GrpcCase>>('5-grpc-gzip').filter((one): one is GrpcCase => 'case' in one),
  ];

  it('none is left out of the table, and none in it is made up', () => {
    expect(Object.keys(grpcDecisions).sort()).toEqual(cases.map((one) => one.case).sort());
  });

  it.each(cases)('$case', ({ case: name, method: target, headers, body }) => {
    const [decision, why] = grpcDecisions[name] as readonly [string, string];
    if (decision === 'edge') return;
    const fields: Record<string, string> = { 'content-type': 'application/grpc', ...headers };
    const head: Head = {
      protocol: 'grpc',
      method: name === 'GET' ? 'GET' : 'POST',
      target,
      field: (field) => fields[field],
    };
    const [got, reason] = decide(head, Buffer.from(body, 'base64').subarray(5));
    expect(got).toBe(decision);
    if (got === 'refused') expect(reason).toContain(why);
  });
});

interface GrpcCase {
  readonly case: string;
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body: string;
}
