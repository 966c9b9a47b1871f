import { readFileSync } from 'node:fs';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { callOnce, type RawCall } from '../../support/milvus/call.ts';
import type { RealMilvus } from '../../support/milvus/real.ts';

const member = Buffer.from('@@milvus-member@@').toString('base64');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const passwords = ['root:wrong', 'ghost:wrong'];
const attack = (shown: string): RawCall => ({
  method: 'ShowCollections',
  metadata: [
    ['authorization', base64(shown)],
    ['sourceid', member],
  ],
});

/** CVE-2025-64513: before this Milvus, which has it, and before the gateway, which stops it. */
export function tellMember(open: () => Promise<RealMilvus>): void {
  let database: RealMilvus;
  let gateway: TestGateway;

  beforeAll(async () => {
    database = await open();
    const policies = { r: 'allow:\n  - { collections: [products], access: r }' };
    gateway = await startGateway({ database, policies, keys: { r: { roles: ['r'] } } });
  });
  afterAll(async () => {
    await gateway?.stop();
    await database?.close();
  });

  const bare = (call: RawCall) => callOnce(database.address, credentials.createInsecure(), call);
  const through = (call: RawCall) => {
    const ca = credentials.createSsl(readFileSync(gateway.certificates.ca));
    return callOnce(gateway.grpc().replace('https://', ''), ca, call);
  };

  it.each(passwords)(
    'lets %s in past the bare server, which it would refuse without',
    async (shown) => {
      const plain = {
        method: 'ShowCollections',
        metadata: [['authorization', base64(shown)]],
      } as const;
      expect(await bare(plain)).toMatchObject({ status: 16 });
      expect(await bare(attack(shown))).toMatchObject({ status: 0 });
    },
  );

  it('lets nobody in past the gateway, whatever stands beside it', async () => {
    for (const shown of [...passwords, gateway.keys['r'] ?? '']) {
      const { status, trailers } = await through(attack(shown));
      expect([status, trailers['x-vectorgate-refusal']]).toEqual([3, 'unreadable-request']);
    }
    expect(gateway.output()).toContain('"alert":"sourceid"');
    const metrics = (await gateway.health('/metrics')).body;
    expect(metrics).toContain(
      'vectorgate_alerts_total{upstream="main",protocol="grpc",alert="sourceid"} 3',
    );
  });
}
