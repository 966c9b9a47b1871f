import { describe, expect, it } from 'vitest';
import { linkOf } from '../../src/audit/chain.ts';
import type { Note } from '../../src/audit/note.ts';
import type { Chain } from '../../src/audit/read-chain.ts';
import type { SealCheck } from '../../src/audit/seal-check.ts';
import type { Segment } from '../../src/audit/segment.ts';
import { sinceCheck } from '../../src/audit/since-check.ts';

const record = (seq: number) => Buffer.from(`{"v":1,"seq":${seq}}\n`);
const segment = { name: 'w1-1.jsonl' } as Segment;
const chain: Chain = { records: 5, seq: 5, prev: '', spans: [], bad: null };
const seals = { origins: new Set(['gw/w1']), keys: new Set(['key']) } as unknown as SealCheck;

function held(over: Partial<Note> = {}): Note {
  return { origin: 'gw/w1', size: 3, hash: linkOf(record(3)), signedBy: () => true, ...over };
}

/** What a log of five records is found to be that was read beside this note. */
function judged(note: Note) {
  const check = sinceCheck('w1', [note]);
  for (let seq = 1; seq <= chain.seq; seq++) check.watch(record(seq), segment, seq * 100, seq);
  return check.judge(chain, seals);
}

describe('a checkpoint held elsewhere', () => {
  it('is borne out by the log that it was made of', () => {
    expect(judged(held())).toBeNull();
  });

  it('gives away a log that went another way before it, however long that has become', () => {
    const reason = 'a checkpoint held elsewhere says that record 3 was another';
    const bad = { file: 'w1-1.jsonl', offset: 300, seq: 3, reason, torn: false };
    expect(judged(held({ hash: linkOf(record(4)) }))).toEqual(bad);
  });

  it('gives away a log that ends before it', () => {
    expect(judged(held({ size: 6 }))?.reason).toContain('the log ends at record 5');
  });

  it('counts for no other log', () => {
    expect(judged(held({ origin: 'gw/w2', hash: 'other' }))).toBeNull();
    expect(judged(held({ origin: 'elsewhere/w1', hash: 'other' }))).toBeNull();
  });
});
