import { describe, expect, it } from 'vitest';
import { locate } from '../../../src/catalog/milvus/locate.ts';
import type { Intent } from '../../../src/catalog/operation.ts';
import { Refusal } from '../../../src/refusal.ts';
import { type Recorded, recorded, type Verdict, verdicts } from './recorded-rest.ts';
import { headOf, known, needsIn } from './rest-asked.ts';

async function decided({ request }: Recorded): Promise<string> {
  const { method, target, headers, body } = request;
  const fields = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  try {
    const located = locate(headOf(`${method} ${target}`, Object.fromEntries(fields)));
    const reading = await located.read(body === null ? null : Buffer.from(body));
    const intent: Intent = reading.intent(known);
    return needsIn(intent).join();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

describe('what was recorded from a real Milvus over REST', () => {
  it('is decided here, every case of it', () => {
    expect(recorded.map((each) => each.case).sort()).toEqual(Object.keys(verdicts).sort());
    expect(recorded).toHaveLength(49);
  });

  it.each(recorded)('is decided on purpose: $case', async (each) => {
    const [verdict, why] = verdicts[each.case] as Verdict;
    expect(await decided(each), why).toBe(verdict);
  });
});
