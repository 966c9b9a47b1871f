import { describe, expect, it } from 'vitest';
import { readSize } from '../../../src/catalog/milvus/size.ts';
import { Refusal } from '../../../src/refusal.ts';
import { described } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';
/** What a Milvus 2.3.5 answered: `count(*)` of ten entities, of which its statistics knew none. */
const ten = Buffer.from('CgASEwgFEghjb3VudCgqKRoFGgMKAQo=', 'base64');
const none = Buffer.from('CgASDgoJcm93X2NvdW50EgEw', 'base64');

/** A database that answers these methods, and the requests it was asked. */
function answering(answers: Record<string, Buffer | Error>) {
  const asked: { method: string; message: Record<string, unknown> }[] = [];
  const size = readSize(
    async ({ target, body }) => {
      const method = target.slice(service.length);
      const type = described.get(target)?.resolvedRequestType;
      if (!type) throw new Error(`no call ${target}`);
      asked.push({ method, message: type.toObject(type.decode(body ?? Buffer.alloc(0))) });
      const answer = answers[method];
      if (!(answer instanceof Buffer)) throw answer;
      return answer;
    },
    'tenant',
    'products',
  );
  return { size, asked };
}

describe('the size of a collection', () => {
  it('is its count, of what was written a moment ago too, and nothing is waited for', async () => {
    const { size, asked } = answering({ Query: ten });
    expect(await size).toBe(10);
    expect(asked).toMatchObject([
      {
        method: 'Query',
        message: {
          ...{ db_name: 'tenant', collection_name: 'products', output_fields: ['count(*)'] },
          ...{ consistency_level: 3 },
        },
      },
    ]);
    expect(String(asked[0]?.message['guarantee_timestamp'])).toBe('1');
  });

  it('is what its statistics say where it is not loaded', async () => {
    const failed = Buffer.from([0x0a, 0x02, 0x18, 0x65]);
    const { size, asked } = answering({ Query: failed, GetCollectionStatistics: none });
    expect(await size).toBe(0);
    expect(asked[1]).toMatchObject({ message: { db_name: 'tenant', collection_name: 'products' } });
  });

  it.each([
    ['a failure', Buffer.from([0x0a, 0x02, 0x18, 0x64])],
    ['nothing', Buffer.alloc(0)],
    ['another statistic', Buffer.from('CgASBgoBYRIBMQ==', 'base64')],
    ['no answer', new Refusal('upstream-unreachable', 'gone')],
  ])('is not guessed at from %s', async (_what, answer) => {
    const { size } = answering({ Query: answer, GetCollectionStatistics: answer });
    await expect(size).rejects.toThrow();
  });
});
