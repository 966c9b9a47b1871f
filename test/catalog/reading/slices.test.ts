import { describe, expect, it } from 'vitest';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { readThrough } from '../../../src/catalog/reading/slices.ts';
import { namesOf } from '../names.ts';
import { intentOf, needsIn, refusalOf, restHead, rpcHead } from '../request.ts';

const names = namesOf(['pub', 'sec']);
const head = restHead('POST /collections/pub/points/query');
const vector = Array.from({ length: 200_000 }, (_, at) => at / 7).join();
const long = (more: string) =>
  `{"query":[${vector}],"prefetch":{"lookup_from":{"collection":"sec"}}${more}}`;

describe('a long body', () => {
  it('is read to the same intent, in slices', async () => {
    const reading = qdrant.locate(head).read(Buffer.from(long('')));
    expect(reading).toBeInstanceOf(Promise);
    expect(needsIn((await reading).intent(names))).toContain('read points.query on sec>sec');
  });

  it('is refused by its last byte as by its first', async () => {
    expect((await refusalOf(() => intentOf(head, `${long('')}x`, names))).message).toContain(
      'follows',
    );
    expect((await refusalOf(() => intentOf(head, long(',"prefetch":1'), names))).message).toContain(
      'twice',
    );
  });

  it('lets other work be done while it is read', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await qdrant.locate(head).read(Buffer.from(long('')));
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it('of many small fields over gRPC is read in slices, too', async () => {
    const fields = Buffer.concat([
      Buffer.from([0x0a, 1, 0x61]),
      Buffer.alloc(200_000, Buffer.from([0x98, 0x06, 0x01])),
    ]);
    const reading = qdrant
      .locate(rpcHead('/qdrant.Points/Search'))
      .read(fields.subarray(0, 3 + 66_666 * 3));
    expect(reading).toBeInstanceOf(Promise);
    expect((await reading).names).toEqual(['a']);
  });
});

describe('reading through', () => {
  it('gives no promise where one slice does it', () => {
    const reader = { advance: () => true };
    expect(readThrough(reader)).toBe(reader);
  });

  it('rejects with what the reader throws later', async () => {
    let calls = 0;
    const advance = () => {
      if (++calls === 3) throw new RangeError('third');
      return false;
    };
    await expect(readThrough({ advance })).rejects.toThrow('third');
  });
});
