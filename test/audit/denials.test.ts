import { describe, expect, it } from 'vitest';
import type { Denied } from '../../src/audit/trail.ts';
import { Refusal, type RefusalCode } from '../../src/refusal.ts';
import { fallibleFiles } from './fallible-files.ts';
import {
  changing,
  config,
  digest,
  exchange,
  identity,
  lines,
  needs,
  opened,
  peer,
  reading,
  seconds,
} from './scene.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function denied(over: Partial<Denied> = {}, code: RefusalCode = 'not-permitted'): Denied {
  return {
    exchange: exchange(),
    refusal: new Refusal(code, 'because'),
    identity: identity(),
    operation: reading,
    needs: needs(reading, 'secret'),
    ...over,
  };
}

function stranger(address: string): Denied {
  return denied(
    {
      exchange: exchange({ peer: { ...peer, address } }),
      identity: null,
      operation: null,
      needs: [],
    },
    'not-authenticated',
  );
}

describe('a denial of somebody known', () => {
  it('of a read is in the file before the answer', async () => {
    const of = config();
    const audit = (await opened(of)).forUpstream('main', digest);
    await audit.deny(denied());
    expect(lines(of).at(-1)).toMatchObject({
      kind: 'denial',
      event: 'data.query',
      decision: 'deny',
      refusal: 'not-permitted',
      reason: 'because',
      collections: [{ named: 'secret', resolved: 'secret' }],
    });
  });

  it('of a write is synced before the answer', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    const before = files.calls.length;
    await audit.deny(denied({ operation: changing }));
    expect(files.calls.slice(before).map(([call]) => call)).toEqual(['write', 'datasync']);
  });

  it('is counted beyond ten alike in a second, and those that differ keep their records', async () => {
    const of = config();
    const second = seconds();
    const audit = (await opened(of, second)).forUpstream('main', digest);
    for (let n = 0; n < 25; n++) audit.deny(denied());
    audit.deny(denied({ needs: needs(reading, 'other') }));
    audit.deny(denied({ identity: identity({ id: 'other' }) }));
    audit.deny(denied({ operation: { ...reading, name: 'points.scroll' } }));
    audit.deny(denied({}, 'unreadable-request'));
    audit.deny(denied({ refusal: new Refusal('not-permitted', 'for another reason') }));
    await turn();
    const kinds = () => lines(of).map(({ kind }) => kind);
    expect(kinds().filter((kind) => kind === 'denial')).toHaveLength(15);
    second.pass();
    await turn();
    const counts = lines(of).filter(({ kind }) => kind === 'failures');
    expect(counts).toEqual([
      expect.objectContaining({
        count: 15,
        event: 'data.query',
        refusal: 'not-permitted',
        reason: 'because',
        principal: expect.objectContaining({ id: 'k7Q2' }),
        collections: [{ named: 'secret', resolved: 'secret' }],
      }),
    ]);
    await audit.deny(denied());
    expect(kinds().at(-1)).toBe('denial');
  });

  it.each(['over-limit', 'overloaded'] as const)('for %s is only counted', async (code) => {
    const of = config();
    const second = seconds();
    const audit = (await opened(of, second)).forUpstream('main', digest);
    const before = lines(of).length;
    audit.deny(denied({}, code));
    expect(lines(of)).toHaveLength(before);
    second.pass();
    await turn();
    expect(lines(of).at(-1)).toMatchObject({ kind: 'failures', refusal: code, count: 1 });
  });

  it('cannot be confused with another by the names it carries', async () => {
    const of = config();
    const audit = (await opened(of)).forUpstream('main', digest);
    const twisted = '"},{"named":"b","resolved":"b';
    for (let n = 0; n < 10; n++) audit.deny(denied({ needs: needs(reading, 'a', 'b') }));
    await audit.deny(denied({ needs: needs(reading, `a${twisted}`) }));
    expect(lines(of).at(-1)).toMatchObject({ collections: [{ named: `a${twisted}` }] });
  });
});

describe('failures of nobody', () => {
  it('are counted by the network they come from, each second', async () => {
    const of = config();
    const second = seconds();
    const audit = (await opened(of, second)).forUpstream('main', digest);
    const from = [
      '10.0.0.7',
      '10.0.0.9',
      '::ffff:10.0.0.1',
      '10.0.1.7',
      '2001:db8::1',
      '2001:db8::f:1',
    ];
    for (const address of from) audit.deny(stranger(address));
    expect(lines(of).some(({ kind }) => kind === 'denial')).toBe(false);
    second.pass();
    await turn();
    const counts = lines(of).filter(({ kind }) => kind === 'failures');
    expect(counts.map(({ source, count, event }) => [source, count, event])).toEqual([
      [{ prefix: '10.0.0.0/24' }, 3, 'auth.failure'],
      [{ prefix: '10.0.1.0/24' }, 1, 'auth.failure'],
      [{ prefix: '2001:db8:0:0::/64' }, 2, 'auth.failure'],
    ]);
  });

  it('are told apart by why, and not by the id that an unknown key calls itself', async () => {
    const of = config();
    const second = seconds();
    const log = await opened(of, second);
    const audit = log.forUpstream('main', digest);
    const because = (reason: string, key: string | null = null) =>
      new Refusal('not-authenticated', reason, { failing: { key } });
    const of7 = stranger('10.0.0.7');
    for (const id of ['k7Q2', 'h3Kf', 'zzzz']) {
      audit.deny({ ...of7, refusal: because(`no key is the one that calls itself ${id}`, id) });
    }
    audit.deny({ ...of7, refusal: because('key k7Q2 is revoked') });
    log.refusedPeer('main', { address: '10.0.0.7', reason: 'CERT_HAS_EXPIRED' });
    log.refusedPeer('main', { address: '10.0.0.8', reason: 'CERT_HAS_EXPIRED' });
    second.pass();
    await turn();
    const counts = lines(of).filter(({ kind }) => kind === 'failures');
    expect(counts.map(({ reason, count }) => [reason, count])).toEqual([
      ['no key is the one that calls itself …', 3],
      ['key k7Q2 is revoked', 1],
      ['client certificate: CERT_HAS_EXPIRED', 2],
    ]);
    for (const record of counts) {
      expect(record).toMatchObject({
        ...{ event: 'auth.failure', principal: null, refusal: 'not-authenticated' },
        ...{ upstream: 'main', operation: null, collections: [] },
      });
    }
  });

  it('cost a bounded number of records, however many networks they come from', async () => {
    const of = config();
    const second = seconds();
    const audit = (await opened(of, second)).forUpstream('main', digest);
    for (let n = 0; n < 10_000; n++) audit.deny(stranger(`10.${n >> 8}.${n & 255}.1`));
    second.pass();
    await turn();
    const counts = lines(of).filter(({ kind }) => kind === 'failures');
    expect(counts.length).toBeLessThan(4100);
    expect(counts.reduce((sum, { count }) => sum + Number(count), 0)).toBe(10_000);
  });
});

describe('a denial while the log cannot be written', () => {
  it('makes no refusal of its own, and is counted once the log is back', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    files.fail('write', 'ENOSPC');
    audit.deny(denied());
    await audit.deny(denied({ operation: changing }));
    files.mend();
    await expect
      .poll(() => {
        second.pass();
        return lines(of).filter(({ kind }) => kind === 'failures').length;
      })
      .toBe(2);
  });
});
