import { expect, it } from 'vitest';
import { authenticationRecords } from '../../src/audit/authentication.ts';
import { identity, peer } from './scene.ts';

const exchange = { id: 'request-1', protocol: 'http', peer } as const;

function recorded(share: number, random: () => number): Record<string, unknown>[] {
  const bodies: string[] = [];
  const log = { defer: (body: unknown) => void bodies.push(String(body)) };
  const time = () => '2026-11-22T15:04:05.123456Z';
  const authenticated = authenticationRecords(log, share, time, random);
  for (let at = 0; at < 100; at++) authenticated('main', exchange, identity());
  return bodies.map((body) => JSON.parse(`{${body}}`) as Record<string, unknown>);
}

it('credentials that count are recorded as often as is configured', () => {
  let at = 0;
  const evenly = () => (at++ % 100) / 100;
  expect(recorded(0, evenly)).toHaveLength(0);
  expect(recorded(0.25, evenly)).toHaveLength(25);
  expect(recorded(1, () => 0.999_999)).toHaveLength(100);
});

it('such a record says who, from where, and which share it stands for', () => {
  expect(recorded(1, () => 0)[0]).toEqual({
    time: '2026-11-22T15:04:05.123456Z',
    kind: 'authentication',
    event: 'auth.success',
    request: 'request-1',
    principal: expect.objectContaining({ kind: 'key', id: 'k7Q2', name: 'rag-service' }),
    source: { address: '10.0.0.7', port: 51034 },
    tls: { version: 'TLSv1.3', certificate: null },
    protocol: 'http',
    upstream: 'main',
    sampled: 0.25 * 4,
  });
});
