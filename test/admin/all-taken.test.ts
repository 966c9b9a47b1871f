import { describe, expect, it } from 'vitest';
import { withAllTaken } from '../../src/admin/all-taken.ts';
import type { UpstreamState } from '../../src/admin/state.ts';
import type { Hour, Taking } from '../../src/limits/takings.ts';

const [noon, one] = ['2026-11-22T12:00:00.000Z', '2026-11-22T13:00:00.000Z'];

function hour(since: string, ...top: Taking[]): Hour {
  const sum = (of: 'points' | 'bytes') => top.reduce((total, each) => total + each[of], 0);
  return { since, points: sum('points'), bytes: sum('bytes'), top };
}

function taking(name: string, bytes: number, uncounted = 0): Taking {
  return { kind: 'key', name, points: bytes / 10, bytes, uncounted };
}

function upstream(name: string, ...taken: Hour[]): UpstreamState {
  const reachable = { http: true };
  const known = { version: null, knownVersion: '1', newerThanCatalogue: false };
  return { name, database: 'qdrant', reachable, ...known, credential: null, taken, sweeps: [] };
}

function summed(mine: readonly Hour[], ...theirs: readonly (readonly Hour[])[]) {
  const others = theirs.map((taken) => ({ upstreams: [upstream('main', ...taken)] }));
  return withAllTaken([upstream('main', ...mine)], others)[0]?.taken;
}

describe('what several processes let go', () => {
  it('is one sum, the greatest taker first', () => {
    const taken = summed(
      [hour(one, taking('a', 50), taking('b', 10))],
      [hour(one, taking('b', 70, 5))],
    );
    expect(taken).toEqual([
      { since: one, points: 13, bytes: 130, top: [taking('b', 80, 5), taking('a', 50)] },
    ]);
  });

  it('is summed for each hour, the latest first, though one has not turned yet', () => {
    const taken = summed([hour(one, taking('a', 10))], [hour(noon, taking('a', 30))]);
    expect(taken?.map(({ since, bytes }) => [since, bytes])).toEqual([
      [one, 10],
      [noon, 30],
    ]);
  });

  it('says how much a taker may have had where it is not among those named', () => {
    const ten = Array.from({ length: 10 }, (_, at) => taking(`t${at}`, 100 - at));
    const top = summed([hour(one, taking('a', 1000))], [hour(one, ...ten)])?.[0]?.top;
    expect(top?.[0]).toEqual(taking('a', 1000, 91));
    expect(top).toHaveLength(10);
  });

  it('is told of with the last sweeps of all, the latest first', () => {
    const sweeps = Array.from({ length: 12 }, (_, at) => ({
      ...{ time: `2026-11-22T13:00:${10 + at}.000Z`, limit: 'search.sweep', seconds: 3600 },
      ...{ holder: 'key a', database: null, collection: 'docs', share: 20 },
    }));
    const told = (...of: number[]) => ({
      ...upstream('main'),
      sweeps: of.map((at) => sweeps[at] as (typeof sweeps)[number]),
    });
    const others = [{ upstreams: [told(11, 9, 7, 5, 3, 1)] }];
    const [all] = withAllTaken([told(10, 8, 6, 4, 2, 0)], others);
    expect(all?.sweeps).toEqual(sweeps.toReversed().slice(0, 10));
  });

  it('is its own where another is another upstream, or says nothing that can be read', () => {
    const mine = [upstream('main', hour(one, taking('a', 10)))];
    const others = [null, 'x', { upstreams: [upstream('other', hour(one, taking('a', 10)))] }];
    expect(withAllTaken(mine, others)).toEqual(mine);
  });
});
