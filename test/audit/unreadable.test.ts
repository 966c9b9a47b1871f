import { describe, expect, it } from 'vitest';
import type { Unreadable } from '../../src/audit/unreadable.ts';
import { Refusal } from '../../src/refusal.ts';
import {
  config,
  digest,
  exchange,
  identity,
  lines,
  needs,
  opened,
  reading,
  seconds,
} from './scene.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

const bytes: Unreadable = {
  upstream: 'main',
  protocols: ['http'],
  address: '10.0.0.7',
  reason: 'HPE_INVALID_METHOD',
};

const denied = {
  exchange: exchange(),
  refusal: new Refusal('not-permitted', 'because'),
  identity: identity(),
  operation: reading,
  needs: needs(reading, 'secret'),
};

/** What is in the log after these, and a second. */
async function told(...many: readonly Unreadable[]) {
  const of = config();
  const second = seconds();
  const log = await opened(of, second);
  for (const one of many) log.unreadable(one);
  second.pass();
  await turn();
  return lines(of).filter(({ kind }) => kind === 'failures');
}

describe('what was refused before there was a request', () => {
  it('is counted by port, network and reason', async () => {
    const other = { ...bytes, protocols: ['grpc'] as const, reason: 'ERR_HTTP2_ERROR' };
    const counted = await told(bytes, { ...bytes, address: '10.0.0.9' }, other, bytes);
    expect(counted).toMatchObject([
      {
        event: 'request.refused',
        principal: null,
        source: { prefix: '10.0.0.0/24' },
        upstream: 'main',
        protocols: ['http'],
        refusal: 'unreadable-request',
        reason: 'HPE_INVALID_METHOD',
        count: 3,
      },
      { protocols: ['grpc'], reason: 'ERR_HTTP2_ERROR', count: 1 },
    ]);
  });

  it('ends no record, whatever its reason holds', async () => {
    const reason = `"}\n{"v":1${'x'.repeat(1000)}\u2028`;
    const [counted] = await told({ ...bytes, reason });
    expect(counted?.['reason']).toBe(reason.slice(0, 128));
  });

  it('costs no more than 4,096 counts a second, and no denial its record', async () => {
    const of = config();
    const second = seconds();
    const log = await opened(of, second);
    for (let n = 0; n < 5000; n++)
      log.unreadable({ ...bytes, address: `10.${n >> 8}.${n & 255}.1` });
    await log.forUpstream('main', digest).deny(denied);
    expect(lines(of).at(-1)).toMatchObject({ kind: 'denial', refusal: 'not-permitted' });
    second.pass();
    await turn();
    const counted = lines(of).filter(({ kind }) => kind === 'failures');
    expect(counted).toHaveLength(4097);
    expect(counted.at(-1)).toMatchObject({ refusal: 'unreadable-request', count: 904 });
    expect(counted.reduce((sum, { count }) => sum + Number(count), 0)).toBe(5000);
  });
});
