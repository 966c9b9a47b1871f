import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { tellOf } from '../../src/gateway/tell.ts';
import { Refusal } from '../../src/refusal.ts';
import { handMade } from '../support/pipeline.ts';

function linesOf(refusal: Error): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  const log = pino({ level: 'debug' }, { write });
  const { exchange } = handMade();
  const none = { operation: null, identity: null, upstreamMs: 0 };
  tellOf(log, 'main')({ exchange, decision: 'deny', status: 400, refusal, ...none });
  return lines;
}

describe('the log of a refusal', () => {
  it.each([
    ['an attack', new Refusal('unreadable-request', 'why', { alert: 'sourceid' }), 40],
    ['a fault of ours', new TypeError('why'), 50],
    ['nobody', new Refusal('not-authenticated', 'why'), 20],
    ['a denial', new Refusal('not-permitted', 'why'), 30],
  ])('tells %s as loudly as it concerns an operator', (_what, refusal, level) => {
    const [line] = linesOf(refusal);
    expect(line).toMatchObject({ level, upstream: 'main', reason: 'why', source: '10.0.0.7' });
  });

  it('names the attack', () => {
    const [line] = linesOf(new Refusal('unreadable-request', 'why', { alert: 'sourceid' }));
    expect(line).toMatchObject({ msg: 'attack refused', alert: 'sourceid' });
  });
});
