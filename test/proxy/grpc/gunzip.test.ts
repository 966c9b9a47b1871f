import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gunzip } from '../../../src/proxy/grpc/gunzip.ts';
import { Refusal } from '../../../src/refusal.ts';

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const zipped = gzipSync('the one message');

/** What comes of it, on the loop or off it. */
async function outcome(member: Buffer): Promise<unknown> {
  try {
    return await gunzip(member);
  } catch (error) {
    return error;
  }
}

describe('a message that is one gzip member', () => {
  it('is inflated to what was compressed', () => {
    fc.assert(
      fc.property(bytes(5000), fc.integer({ min: 0, max: 9 }), (content, level) => {
        expect(gunzip(gzipSync(content, { level }))).toEqual(content);
      }),
    );
  });

  it('is inflated off the loop where it is large', async () => {
    const content = Buffer.alloc(3 * 1024 * 1024, 'abc');
    const told = gunzip(gzipSync(content));
    expect(told).toBeInstanceOf(Promise);
    expect((await told).equals(content)).toBe(true);
  });
});

/** Puts another length at the end, where gzip tells it. */
function claiming(member: Buffer, length: number): Buffer {
  const copy = Buffer.from(member);
  copy.writeUInt32LE(length, copy.length - 4);
  return copy;
}

const large = gzipSync(Buffer.alloc(4 * 1024 * 1024));
const empty = gzipSync('');
const refused: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['two members', Buffer.concat([zipped, zipped])],
  ['an empty member before', Buffer.concat([empty, zipped])],
  ['an empty member behind', Buffer.concat([zipped, empty])],
  ['a byte behind', Buffer.concat([zipped, Buffer.alloc(1)])],
  ['bytes behind that end as a trailer would', Buffer.concat([zipped, zipped.subarray(-8)])],
  ['a member cut short', zipped.subarray(0, -1)],
  ['raw deflate', deflateRawSync('the one message')],
  [
    'a wrong checksum',
    Buffer.concat([zipped.subarray(0, -8), Buffer.alloc(4), zipped.subarray(-4)]),
  ],
  ['a length claimed too short', claiming(zipped, 3)],
  ['a length claimed too long', claiming(zipped, 300)],
  ['a bomb that claims little', claiming(large, 100)],
  ['a bomb that claims much, but not enough', claiming(large, 2 * 1024 * 1024)],
  ['a file name in the header', withFlag(8, 'name\0')],
  ['an extra field', withFlag(4, '\x02\0ab')],
  ['another method', Buffer.concat([Buffer.from([31, 139, 7, 0]), zipped.subarray(4)])],
];

function withFlag(flag: number, extra: string): Buffer {
  const head = Buffer.from(zipped.subarray(0, 10));
  head[3] = flag;
  return Buffer.concat([head, Buffer.from(extra, 'latin1'), zipped.subarray(10)]);
}

describe('a message that is not exactly one gzip member', () => {
  it.each(refused)('is refused: %s', async (_name, member) => {
    const told = await outcome(member);
    expect(told).toBeInstanceOf(Refusal);
    expect(told).toMatchObject({ code: 'unreadable-request' });
  });

  it('is refused wherever a byte of it changes, or gives the same content', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(zipped.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const changed = Buffer.from(zipped);
          changed[at] = (changed[at] as number) ^ by;
          const told = await outcome(changed);
          if (!(told instanceof Refusal)) expect(told).toEqual(Buffer.from('the one message'));
        },
      ),
    );
  });

  it('never gives more than was claimed, nor an error other than a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(300), async (content) => {
        const head = Buffer.from([31, 139, 8, 0]);
        const told = await outcome(Buffer.concat([head, content]));
        expect(told instanceof Refusal || Buffer.isBuffer(told)).toBe(true);
      }),
    );
  });
});
