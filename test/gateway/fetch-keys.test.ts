import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeKeyFetcher } from '../../src/gateway/fetch-keys.ts';
import type { ServerCertificate } from '../support/identity-provider.ts';
import { foreignCertificate } from '../support/token-gateway.ts';

let served: ServerCertificate;
let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[] = [];

beforeAll(async () => {
  served = foreignCertificate();
  const [cert, key] = [served.certificate, served.key].map((path) => readFileSync(path, 'utf8'));
  server = createServer({ cert: cert ?? '', key: key ?? '' }, (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}/jwks`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dirname(served.ca), { recursive: true });
});

function fetcher(ca: string | null = readFileSync(served.ca, 'utf8')) {
  const made = makeKeyFetcher(url, ca);
  asked = [];
  onTestFinished(() => made.close());
  return made;
}

describe('the keys of an issuer', () => {
  test('are what stands at its address', async () => {
    answer = (_, response) => response.end('{"keys":[]}');
    expect(await fetcher().fetch()).toBe('{"keys":[]}');
  });

  test.each([301, 302, 307, 404, 500, 204])('are not what a status %d says', async (status) => {
    answer = (_, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end();
    };
    await expect(fetcher().fetch()).rejects.toThrow(`status ${status}`);
    expect(asked).toEqual(['/jwks']);
  });

  test('are not more than 512 KiB, however they come', async () => {
    answer = (_, response) => {
      response.on('error', () => undefined);
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    await expect(fetcher().fetch()).rejects.toThrow('over 524288 bytes');
  });

  test('are UTF-8', async () => {
    answer = (_, response) => response.end(Buffer.from('{"keys":"\xff"}', 'latin1'));
    await expect(fetcher().fetch()).rejects.toThrow();
  });

  test('are nothing where the answer breaks off', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"keys":', () => response.destroy());
    };
    await expect(fetcher().fetch()).rejects.toThrow();
  });

  test('are asked for of nobody whose certificate cannot be verified', async () => {
    answer = (_, response) => response.end('{"keys":[]}');
    await expect(fetcher(null).fetch()).rejects.toThrow();
    expect(asked).toEqual([]);
  });
});
