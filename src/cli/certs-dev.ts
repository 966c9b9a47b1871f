import { makeDevCertificates, writeDevCertificates } from '../tls/dev-certificates.ts';
import type { Verb } from './verb.ts';

/** Makes an authority, a server and a client certificate for development. */
export const verb: Verb = {
  name: 'certs dev',
  summary: 'Make development certificates for localhost, 127.0.0.1 and ::1',
  usage: 'certs dev [--out certs/dev] [--force]',
  options: {
    out: { type: 'string', default: 'certs/dev', help: 'the folder (default: certs/dev)' },
    force: { type: 'boolean', help: 'replace what is there' },
  },
  run: async ({ values, json, print, complain }) => {
    const folder = String(values['out'] ?? 'certs/dev');
    const paths = writeDevCertificates(folder, makeDevCertificates(), values['force'] === true);
    if (json) print(JSON.stringify(paths));
    else for (const path of Object.values(paths)) print(path);
    if (!json) complain('For development only: whoever reads the keys can be your server.');
    return 0;
  },
};
