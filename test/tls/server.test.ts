import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Authority } from '../../src/tls/certificate.ts';
import { issueCertificate } from '../../src/tls/certificate.ts';
import { makeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { loadMaterial } from '../../src/tls/material.ts';
import { serverOptions } from '../../src/tls/server.ts';
import { sectionOf } from './folder.ts';
import { attempt, enter, sendRaw, serve } from './handshake.ts';

const ours = makeDevCertificates();
const others = makeDevCertificates();
const clientOf = ({ client }: typeof ours) => ({ cert: client.certificate, key: client.key });

describe('the handshake', () => {
  test('TLS 1.3 is spoken, and told of the connection', async () => {
    const { port, peers } = await serve(sectionOf());
    const { socket } = await enter(port, { servername: 'LocalHost' });
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(peers).toEqual([
      {
        address: '127.0.0.1',
        port: socket.localPort,
        version: 'TLSv1.3',
        serverName: 'localhost',
        certificate: null,
        client: null,
      },
    ]);
    expect(Object.isFrozen(peers[0])).toBe(true);
  });

  test('the hybrid group is taken, also where the client only mentions it', async () => {
    const { port } = await serve(sectionOf());
    const groups = ['X25519MLKEM768', 'X25519:X25519MLKEM768', 'X25519', 'P-256'];
    const names = [];
    for (const ecdhCurve of groups) {
      const { socket } = await enter(port, { ecdhCurve });
      names.push((socket.getEphemeralKeyInfo() as { name: string }).name);
    }
    expect(names.slice(0, 3)).toEqual(['X25519MLKEM768', 'X25519MLKEM768', 'X25519']);
    expect(names[3]).toMatch(/^(prime256v1|secp256r1)$/);
  });

  test('a client of TLS 1.2 is refused unless the section allows it', async () => {
    const strict = await serve(sectionOf());
    const old = { maxVersion: 'TLSv1.2' } as const;
    expect(await attempt(strict.port, old)).toMatchObject({ accepted: false });
    expect(strict.failures).toMatchObject([
      { kind: 'handshake', reason: 'ERR_SSL_UNSUPPORTED_PROTOCOL' },
    ]);
    const lenient = await serve(sectionOf({ minVersion: 'TLSv1.2' }));
    const { socket } = await enter(lenient.port, old);
    expect(socket.getProtocol()).toBe('TLSv1.2');
    expect(socket.getCipher().name).toMatch(/^ECDHE-.*-(GCM|CHACHA20)/);
  });

  test.each(['AES256-SHA', 'AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256', 'DHE-RSA-AES128-SHA'])(
    'on TLS 1.2 the suite %s is refused',
    async (ciphers) => {
      const { port } = await serve(sectionOf({ minVersion: 'TLSv1.2' }));
      const old = { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` } as const;
      expect(await attempt(port, old)).toMatchObject({ accepted: false });
    },
  );

  test('TLS 1.1 is refused even where TLS 1.2 is allowed', async () => {
    const { port } = await serve(sectionOf({ minVersion: 'TLSv1.2' }));
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    expect(await attempt(port, old)).toMatchObject({ accepted: false });
  });

  test('on TLS 1.2 a client cannot renegotiate', async () => {
    const { port } = await serve(sectionOf({ minVersion: 'TLSv1.2' }));
    const { socket } = await enter(port, { maxVersion: 'TLSv1.2' });
    const refused = new Promise((resolve) => {
      socket.on('error', resolve);
      socket.renegotiate({ rejectUnauthorized: false }, resolve);
    });
    expect(await refused).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' });
  });

  test('a protocol that nobody here speaks is refused in the handshake', async () => {
    const { port } = await serve(sectionOf(), ['h2']);
    expect(await attempt(port, { ALPNProtocols: ['http/1.1'] })).toMatchObject({
      accepted: false,
      error: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    });
    const { socket } = await enter(port, { ALPNProtocols: ['http/1.1', 'h2'] });
    expect(socket.alpnProtocol).toBe('h2');
  });

  test('the server prefers its own order of protocols', async () => {
    const { port } = await serve(sectionOf());
    const { socket } = await enter(port, { ALPNProtocols: ['http/1.1', 'h2'] });
    expect(socket.alpnProtocol).toBe('h2');
  });

  test('a handshake has ten seconds', () => {
    expect(serverOptions(loadMaterial(sectionOf()), [])).toMatchObject({
      handshakeTimeout: 10_000,
    });
  });

  test('bytes that are no handshake are a failure, a bare TCP connection is none', async () => {
    const { port, failures, server } = await serve(sectionOf());
    const probed = once(server, 'tlsClientError');
    await sendRaw(port, null);
    await probed;
    expect(failures).toEqual([]);
    const noise = once(server, 'tlsClientError');
    await sendRaw(port, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await noise;
    expect(failures).toMatchObject([{ address: '127.0.0.1', kind: 'handshake' }]);
    await enter(port);
  });
});

describe('sessions', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)('none is resumed on %s', async (version) => {
    const { port } = await serve(sectionOf({ minVersion: 'TLSv1.2' }));
    const first = await enter(port, { maxVersion: version });
    for (const session of [...first.sessions, first.socket.getSession()]) {
      const again = await enter(port, { maxVersion: version, ...(session ? { session } : {}) });
      expect(again.socket.isSessionReused()).toBe(false);
    }
  });

  test("a verified client's session makes nobody else verified, under whatever name", async () => {
    const section = sectionOf({ clientCertificate: 'optional' }, ours);
    const { port, peers } = await serve(section);
    const first = await enter(port, { ...clientOf(ours), servername: 'one.example' });
    const session = first.sessions.at(-1);
    expect(session).toBeDefined();
    const stolen = { ...(session ? { session } : {}), servername: 'two.example' };
    await enter(port, stolen);
    expect(peers.map(({ certificate }) => certificate !== null)).toEqual([true, false]);
  });
});

describe('client certificates', () => {
  const none = {};
  const day = 86_400_000;
  const wrong = {
    'of another authority': clientOf(others),
    'for servers only': { cert: ours.server.certificate, key: ours.server.key },
    'that has expired': keyed(issued(ours.ca, -2 * day, -day)),
    'that is not valid yet': keyed(issued(ours.ca, day, 2 * day)),
    'signed by another client': keyed(issued(asAuthority(), -day, day)),
  };

  test.each(['optional', 'required'] as const)('%s: a good one is told', async (mode) => {
    const { port, peers } = await serve(sectionOf({ clientCertificate: mode }, ours));
    const { socket } = await enter(port, clientOf(ours));
    const shown = socket.getCertificate() as { fingerprint256: string };
    const digest = shown.fingerprint256.replaceAll(':', '').toLowerCase();
    expect(peers).toMatchObject([{ certificate: `sha256:${digest}` }]);
  });

  test('required: nobody enters without one', async () => {
    const { port, peers, failures } = await serve(sectionOf({ clientCertificate: 'required' }));
    expect(await attempt(port, none)).toMatchObject({ accepted: false });
    expect(peers).toEqual([]);
    expect(failures).toMatchObject([{ kind: 'certificate' }]);
  });

  test('optional: one may enter without', async () => {
    const { port, peers } = await serve(sectionOf({ clientCertificate: 'optional' }));
    await enter(port, none);
    expect(peers).toMatchObject([{ certificate: null }]);
  });

  for (const mode of ['optional', 'required'] as const) {
    test.each(Object.entries(wrong))(`${mode}: one %s is refused`, async (_what, client) => {
      const running = await serve(sectionOf({ clientCertificate: mode }, ours));
      expect(await attempt(running.port, client)).toMatchObject({ accepted: false });
      expect(running.peers).toEqual([]);
      expect(running.failures).toMatchObject([{ kind: 'certificate', address: '127.0.0.1' }]);
    });
  }

  test('none: none is asked for, and one that could be shown counts for nothing', async () => {
    const { port, peers } = await serve(sectionOf({ clientCertificate: 'none' }, ours));
    await enter(port, clientOf(ours));
    expect(peers).toMatchObject([{ certificate: null }]);
  });

  function issued(authority: Authority, from: number, to: number) {
    const now = Date.now();
    return issueCertificate(authority, {
      name: 'client',
      usage: 'client',
      names: [],
      notBefore: new Date(now + from),
      notAfter: new Date(now + to),
    });
  }

  function keyed({ certificate, key }: { certificate: string; key: string }) {
    return { cert: certificate, key };
  }

  /** Our client's certificate is no authority, whatever it signs. */
  function asAuthority(): Authority {
    const signer = createPrivateKey(ours.client.key);
    return { ...ours.ca, ...ours.client, name: 'vectorgate-dev-client', signer };
  }
});

describe('replacing the certificate', () => {
  test('new connections get the new one, and old connections live on', async () => {
    const running = await serve(sectionOf({}, ours));
    const before = await enter(running.port);
    running.replace(loadMaterial(sectionOf({}, others)));
    const after = await enter(running.port);
    const serial = ({ socket }: typeof before) => socket.getPeerCertificate().fingerprint256;
    expect(serial(after)).not.toBe(serial(before));
    const echo = once(before.socket, 'data');
    before.socket.write('still here');
    expect(String((await echo)[0])).toBe('still here');
  });

  test('the authority of clients is replaced with it, and the settings stay', async () => {
    const mode = { clientCertificate: 'required' } as const;
    const running = await serve(sectionOf(mode, ours));
    running.replace(loadMaterial(sectionOf(mode, others)));
    expect(await attempt(running.port, clientOf(ours))).toMatchObject({ accepted: false });
    const { socket, sessions } = await enter(running.port, clientOf(others));
    expect(socket.getProtocol()).toBe('TLSv1.3');
    const session = sessions.at(-1);
    const again = await enter(running.port, { ...clientOf(others), ...(session && { session }) });
    expect(again.socket.isSessionReused()).toBe(false);
    expect(await attempt(running.port, { maxVersion: 'TLSv1.2' })).toMatchObject({
      accepted: false,
    });
  });
});
