import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

/** An nginx that terminates the same TLS and passes everything on: no keys, policies or log. */
export interface BenchNginx {
  readonly pid: number;
  readonly http: number;
  readonly grpc: number;
  stop(): Promise<void>;
}

/** Starts nginx with the gateway's certificate; null where it is not installed. */
export async function startNginx(
  directory: string,
  certs: string,
  upstream: { readonly http: number; readonly grpc: number },
): Promise<BenchNginx | null> {
  if (spawnSync('nginx', ['-v']).error) return null;
  const [http, grpc] = [await freePort(), await freePort()];
  const prefix = join(directory, 'nginx');
  mkdirSync(prefix);
  const file = join(prefix, 'nginx.conf');
  writeFileSync(file, configuration(prefix, certs, { http, grpc }, upstream));
  const child = spawn('nginx', ['-p', prefix, '-c', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await reachable(http);
  return { pid: child.pid ?? 0, http, grpc, stop: () => stopped(child) };
}

function configuration(
  prefix: string,
  certs: string,
  listen: { readonly http: number; readonly grpc: number },
  upstream: { readonly http: number; readonly grpc: number },
): string {
  return `daemon off;
worker_processes 1;
pid ${prefix}/nginx.pid;
error_log ${prefix}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${prefix}/body;
  proxy_temp_path ${prefix}/proxy;
  fastcgi_temp_path ${prefix}/fastcgi;
  uwsgi_temp_path ${prefix}/uwsgi;
  scgi_temp_path ${prefix}/scgi;
  client_body_buffer_size 128k;
  client_max_body_size 0;
  proxy_request_buffering off;
  keepalive_requests 1000000;
  ssl_certificate ${certs}/server.pem;
  ssl_certificate_key ${certs}/server-key.pem;
  ssl_protocols TLSv1.3;
  ssl_session_tickets off;
  upstream rest { server 127.0.0.1:${upstream.http}; keepalive 64; keepalive_requests 1000000; }
  upstream grpc { server 127.0.0.1:${upstream.grpc}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${listen.http} ssl;
    location / { proxy_pass http://rest; proxy_http_version 1.1; proxy_set_header connection ""; }
  }
  server {
    listen 127.0.0.1:${listen.grpc} ssl http2;
    location / { grpc_pass grpc://grpc; }
  }
}
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () =>
        resolve(false),
      );
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not start');
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
