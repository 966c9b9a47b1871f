import { connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHealth } from '../../src/admin/health.ts';
import { createMetrics } from '../../src/admin/metrics.ts';
import type { GatewayState } from '../../src/admin/state.ts';
import { stateWith, unready } from './state.ts';

const metricsToken = 'scrape-token-0123456789';

async function health(state: GatewayState = stateWith()) {
  const config = { listen: { host: '127.0.0.1', port: 0 }, metricsToken };
  const port = await openHealth(config, state, createMetrics(state), () => {});
  onTestFinished(() => port.close());
  const { port: number } = port.address;
  return {
    port: number,
    ask: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${number}${path}`, init),
  };
}

describe('the health port', () => {
  it('says that the process lives, and that it can serve', async () => {
    const { ask } = await health();
    expect((await ask('/livez')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(200);
  });

  it.each(unready)(
    'says in words that name nothing that it cannot serve, while %s',
    async (_, changes) => {
      const { ask } = await health(stateWith(changes));
      const ready = await ask('/readyz');
      expect([ready.status, await ready.text()]).toEqual([503, 'not ready\n']);
      const alive = await ask('/livez');
      expect([alive.status, await alive.text()]).toEqual([200, 'alive\n']);
    },
  );

  it('knows nothing of the admin port', async () => {
    const { ask } = await health();
    const headers = { authorization: `Bearer ${metricsToken}` };
    for (const path of ['/status', '/keys', '/audit', '/healthz', '/reload', '/']) {
      expect((await ask(path, { headers })).status).toBe(404);
    }
    expect((await ask('/drain', { method: 'POST', headers })).status).toBe(404);
  });

  it('takes no other method', async () => {
    const { ask } = await health();
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      expect((await ask('/readyz', { method })).status).toBe(405);
    }
  });

  it('goes on after a probe that only opens a connection', async () => {
    const { port, ask } = await health();
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.destroy());
      socket.on('close', () => resolve());
    });
    expect((await ask('/livez')).status).toBe(200);
  });

  it('rejects where the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const state = stateWith();
    const opening = openHealth(
      { listen: { host: '127.0.0.1', port } },
      state,
      createMetrics(state),
      () => {},
    );
    await expect(opening).rejects.toThrow('EADDRINUSE');
  });
});

describe('/metrics', () => {
  it('is there for the scrape token alone', async () => {
    const { ask } = await health();
    const refused = ['', 'Bearer x', `Basic ${metricsToken}`, 'Bearer admin-token-0123456789'];
    for (const authorization of refused) {
      expect((await ask('/metrics', { headers: { authorization } })).status).toBe(401);
    }
    const answer = await ask('/metrics', { headers: { authorization: `Bearer ${metricsToken}` } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(await answer.text()).toContain('vectorgate_ready 1');
  });

  it('is not there where no token is configured', async () => {
    const state = stateWith();
    const listen = { host: '127.0.0.1', port: 0 };
    const port = await openHealth({ listen }, state, createMetrics(state), () => {});
    onTestFinished(() => port.close());
    const url = `http://127.0.0.1:${port.address.port}/metrics`;
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(url, { headers: { authorization: 'Bearer undefined' } })).status).toBe(404);
  });
});
