import { describe, expect, it } from 'vitest';
import { readSize } from '../../../src/catalog/qdrant/size.ts';

const sizeOf = (answer: string) => readSize(async () => Buffer.from(answer), null, 'products');

describe('the size of a collection', () => {
  it('is the number of its points', async () => {
    const asked: unknown[] = [];
    const size = readSize(
      async (request) => {
        asked.push(request);
        return Buffer.from('{"result":{"status":"green","points_count":7}}');
      },
      null,
      'products',
    );
    expect(await size).toBe(7);
    expect(asked).toMatchObject([{ method: 'GET', target: '/collections/products' }]);
  });

  it.each([
    '{"result":{"points_count":null}}',
    '{"result":{}}',
    '{}',
    '{"result":{"points_count":"7"}}',
  ])('is not guessed at from %s', async (answer) => {
    await expect(sizeOf(answer)).rejects.toThrow(TypeError);
  });
});
