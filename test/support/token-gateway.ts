import { mkdtempSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDevCertificates, writeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { naming, openGrpc, openRest } from './clients-raw.ts';
import type { TestGateway } from './gateway.ts';
import type { ServerCertificate } from './identity-provider.ts';

/** What a caller hears on each protocol. */
export interface HeardEverywhere {
  readonly http1: number;
  readonly http2: number;
  readonly grpc: number;
}

export const welcome: HeardEverywhere = { http1: 200, http2: 200, grpc: 0 };
export const nobody: HeardEverywhere = { http1: 401, http2: 401, grpc: 16 };
export const forbidden: HeardEverywhere = { http1: 403, http2: 403, grpc: 7 };

/** A client of every protocol, on one connection each. */
export interface Everywhere {
  /** Asks what a collection is. */
  about(collection: string, credential: string): Promise<HeardEverywhere>;
  /** The challenge of the last refusal, by protocol. */
  readonly challenges: { http1: unknown; http2: unknown };
  close(): void;
}

/** Opens a connection of every protocol to a gateway. */
export function openEverywhere(gateway: TestGateway): Everywhere {
  const rest = openRest(gateway);
  const grpc = openGrpc(gateway);
  const session = connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) });
  session.on('error', () => undefined);
  const challenges: Everywhere['challenges'] = { http1: undefined, http2: undefined };

  function over2(path: string, credential: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const stream = session.request({ ':path': path, authorization: `Bearer ${credential}` });
      stream.on('error', reject).resume();
      stream.on('response', (fields) => {
        challenges.http2 = fields['www-authenticate'];
        resolve(Number(fields[':status']));
      });
    });
  }

  return {
    challenges,
    about: async (collection, credential) => {
      const path = `/collections/${collection}`;
      const [one, two, three] = await Promise.all([
        rest.ask({ path, key: credential }),
        over2(path, credential),
        grpc.call('/qdrant.Collections/Get', naming(collection), credential),
      ]);
      challenges.http1 = one.headers['www-authenticate'];
      return { http1: one.status, http2: two, grpc: three.status };
    },
    close: () => {
      rest.close();
      grpc.close();
      session.destroy();
    },
  };
}

/** A certificate of localhost, for a server that is not the gateway. */
export function foreignCertificate(): ServerCertificate {
  const directory = mkdtempSync(join(tmpdir(), 'vectorgate-provider-'));
  const { server, serverKey, ca } = writeDevCertificates(directory, makeDevCertificates(), false);
  return { certificate: server, key: serverKey, ca };
}
