import { describe, expect, it } from 'vitest';
import { attackIn } from '../../../src/catalog/milvus/attacks.ts';
import { Refusal } from '../../../src/refusal.ts';

const headWith = (...shown: string[]) => ({
  ...({ protocol: 'grpc', method: 'POST', target: '/a' } as const),
  field: (name: string) => {
    if (shown.filter((each) => each === name).length > 1) {
      throw new Refusal('unreadable-request', `${name} is given twice`);
    }
    return shown.includes(name) ? 'QEBtaWx2dXMtbWVtYmVyQEA=' : undefined;
  },
});

describe('a request to Milvus', () => {
  it.each([
    [['sourceid']],
    [['source-id']],
    [['source_id']],
    [['authorization', 'sourceid']],
    [['sourceid', 'sourceid']],
  ])('with %j is an attack, and refused as one', (shown) => {
    expect(attackIn(headWith(...shown))).toMatchObject({
      code: 'unreadable-request',
      alert: 'sourceid',
    });
  });

  it('without it is none', () => {
    expect(attackIn(headWith('authorization', 'dbname', 'client-request-id'))).toBeNull();
  });
});
