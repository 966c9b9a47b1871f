import { describe, expect, it } from 'vitest';
import { bytesOf, fieldsOf } from '../../../src/catalog/reading/fields.ts';
import { delimited, rewritten } from '../../../src/catalog/reading/write.ts';

const number = Uint8Array.of(0x08, 0x96, 0x01);

describe('the fields of a message', () => {
  it('keep every value of a number in its order', () => {
    const message = Buffer.concat([delimited(2, 'a'), number, delimited(2, 'b')]);
    const fields = fieldsOf(message, 3);
    expect(fields.get(1)).toEqual([150]);
    expect(fields.get(2)?.map((value) => bytesOf(value).toString())).toEqual(['a', 'b']);
  });

  it('are refused where there are more than may be', () => {
    const message = Buffer.concat([number, number, number]);
    expect(() => fieldsOf(message, 2)).toThrow('too many pieces');
  });

  it('are refused where the last is cut short', () => {
    expect(() => fieldsOf(delimited(2, 'abc').subarray(0, 4), 9)).toThrow('cut short');
  });

  it('are no bytes where they are numbers', () => {
    expect(() => bytesOf(150)).toThrow('wrong wire type');
  });
});

describe('a message written anew', () => {
  it('keeps to the byte what is not written', () => {
    const message = Buffer.concat([number, delimited(2, 'old'), delimited(3, 'kept')]);
    const written = rewritten(message, (field, value) =>
      field === 2 && value.toString() === 'old' ? delimited(2, 'newer') : null,
    );
    expect(written).toEqual(Buffer.concat([number, delimited(2, 'newer'), delimited(3, 'kept')]));
  });
});
