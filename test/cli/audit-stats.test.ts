import { describe, expect, it } from 'vitest';
import type { AuditConfig } from '../../src/audit/config.ts';
import { verb } from '../../src/cli/audit-stats.ts';
import type { VerbInput } from '../../src/cli/verb.ts';
import { Refusal } from '../../src/refusal.ts';
import {
  changing,
  config,
  digest,
  exchange,
  identity,
  needs,
  opened,
  outcome,
  permit,
  reading,
} from '../audit/scene.ts';

async function counted(of: AuditConfig, values: VerbInput['values'] = {}, json = true) {
  const out: string[] = [];
  const print = (line: string) => void out.push(line);
  const input = { values, positionals: [of.directory], json, print, complain: print };
  expect(await verb.run(input)).toBe(0);
  return out;
}

/** Anna reads twice and writes once, an hour apart; Ben is denied twelve times, at once. */
async function day(): Promise<AuditConfig> {
  const of = config();
  let hours = 0;
  const clock = {
    wall: () => Date.parse('2026-11-22T12:00:00Z') + hours * 3_600_000,
    monotonic: () => hours * 3_600_000,
  };
  const log = await opened(of, { clock });
  const audit = log.forUpstream('main', digest);
  const anna = identity({ id: 'a', name: 'anna' });
  for (const [operation, name] of [
    [reading, 'docs'],
    [reading, 'mails'],
    [changing, 'docs'],
  ] as const) {
    hours++;
    const asked = permit(operation, anna, needs(operation, name));
    await (await audit.begin(exchange(), asked)).end(outcome);
  }
  for (let n = 0; n < 12; n++) {
    const refusal = new Refusal('not-permitted', 'no rule allows it');
    await audit.deny({
      exchange: exchange(),
      refusal,
      identity: identity({ id: 'b', name: 'ben\u001b[2J' }),
      operation: reading,
      needs: needs(reading, 'docs'),
    });
  }
  await log.close();
  return of;
}

describe('audit stats', () => {
  it('counts by principal, collection, event and decision', async () => {
    const [document = ''] = await counted(await day());
    const told = JSON.parse(document);
    expect(told.principal).toMatchObject([
      { name: 'ben\u001b[2J (b)', allowed: 0, denied: 12 },
      { name: 'anna (a)', allowed: 3, denied: 0, points: { out: 30 }, duration: { of: 3 } },
    ]);
    expect(told.collection).toMatchObject([
      { name: 'docs', allowed: 2, denied: 12 },
      { name: 'mails', allowed: 1, denied: 0 },
    ]);
    expect(told.event).toMatchObject([
      { name: 'data.query', allowed: 2, denied: 12 },
      { name: 'data.upsert', allowed: 1 },
    ]);
    expect(told.decision).toMatchObject([
      { name: 'deny', denied: 12 },
      { name: 'allow', allowed: 3 },
    ]);
  });

  it('counts within a time, of whom and what is asked for', async () => {
    const of = await day();
    const span = { from: '2026-11-22T13:30:00Z', to: '2026-11-22T14:30:00Z', by: ['principal'] };
    const [within = ''] = await counted(of, span);
    expect(JSON.parse(within)).toMatchObject({ principal: [{ name: 'anna (a)', allowed: 1 }] });
    const [asked = ''] = await counted(of, { principal: 'anna', collection: 'docs' });
    expect(JSON.parse(asked).event.map(({ name }: { name: string }) => name)).toEqual([
      'data.query',
      'data.upsert',
    ]);
  });

  it('shows tables that no name can steer a terminal by', async () => {
    const out = await counted(await day(), { top: '1' }, false);
    expect(out.join('\n')).not.toContain('\u001b');
    expect(out[1]).toContain('ben\\u001b[2J (b)');
    expect(out[2]).toBe('and 1 more; --top 2 shows them');
  });

  it('refuses what it does not know', async () => {
    const of = await day();
    await expect(counted(of, { by: ['colour'] })).rejects.toThrow('--by colour is unknown');
    await expect(counted(of, { top: 'x' })).rejects.toThrow('--top x is no number');
  });
});
