import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Document, type Path, problemAt } from '../document.ts';
import type { Problem } from '../problem.ts';

/** What a key that holds a path names, and how to come by it. */
interface PathKey {
  readonly key: readonly string[];
  /** `made`: a folder that the gateway makes, or a file that it can start without. */
  readonly names: 'file' | 'folder' | 'made';
  readonly remedy: string;
}

const certificate = 'Correct the path; vectorgate certs dev makes certificates for trying out';
const policies = 'Correct the path, or make the folder and write a policy into it';
const keyFile = 'Correct the path; vectorgate keys create --name N --role R makes the first key';
const serviceAccount = 'Let the pod mount the token of its service account, or correct the path';
const signingKey = 'Make one with openssl genpkey -algorithm ed25519 -out audit-key.pem';

/**
 * Every key whose value is a path, or an address in its place; `*` stands for each item of a list.
 */
const pathKeys: readonly PathKey[] = [
  { key: ['tls', 'certificate'], names: 'file', remedy: certificate },
  { key: ['tls', 'key'], names: 'file', remedy: certificate },
  { key: ['tls', 'clientCa'], names: 'file', remedy: certificate },
  { key: ['tls', 'crl', '*'], names: 'file', remedy: 'Correct the path' },
  { key: ['admin', 'tls', 'certificate'], names: 'file', remedy: certificate },
  { key: ['admin', 'tls', 'key'], names: 'file', remedy: certificate },
  { key: ['admin', 'tls', 'clientCa'], names: 'file', remedy: certificate },
  { key: ['admin', 'tls', 'crl', '*'], names: 'file', remedy: 'Correct the path' },
  { key: ['admin', 'tokenFile'], names: 'made', remedy: 'Correct the path' },
  { key: ['upstreams', '*', 'ca'], names: 'file', remedy: 'Correct the path' },
  { key: ['upstreams', '*', 'policies'], names: 'folder', remedy: policies },
  { key: ['identity', 'tokens', '*', 'jwks'], names: 'file', remedy: 'Correct the path' },
  { key: ['identity', 'tokens', '*', 'ca'], names: 'file', remedy: 'Correct the path' },
  { key: ['identity', 'keys', 'path'], names: 'file', remedy: keyFile },
  { key: ['secrets', 'vault', 'ca'], names: 'file', remedy: 'Correct the path' },
  { key: ['secrets', 'vault', 'tokenFile'], names: 'file', remedy: 'Correct the path' },
  { key: ['secrets', 'vault', 'kubernetes', 'tokenFile'], names: 'file', remedy: serviceAccount },
  { key: ['secrets', 'aws', 'ca'], names: 'file', remedy: 'Correct the path' },
  { key: ['store', 'ca'], names: 'file', remedy: 'Correct the path' },
  { key: ['audit', 'directory'], names: 'made', remedy: 'Correct the path' },
  { key: ['audit', 'checkpoints', 'key'], names: 'file', remedy: signingKey },
  { key: ['audit', 'checkpoints', 'previousKey'], names: 'file', remedy: 'Correct the path' },
  { key: ['audit', 'checkpoints', 'copy'], names: 'made', remedy: 'Correct the path' },
];

/** Makes every path of the sections absolute, as seen from `base`, in place. Gives what is not
 * there. */
export function resolvePaths(document: Document, sections: object, base: string): Problem[] {
  return pathKeys.flatMap(({ key, names, remedy }) =>
    holders(sections, key, []).flatMap(({ holder, at }) => {
      const last = String(at.at(-1));
      const written = holder[last];
      if (typeof written !== 'string' || written.startsWith('https://')) return [];
      const path = resolve(base, written);
      holder[last] = path;
      const missing = names === 'made' ? null : lacks(path, names);
      return missing === null ? [] : [problemAt(document, at, missing, remedy)];
    }),
  );
}

interface Held {
  readonly holder: Record<string, unknown>;
  readonly at: Path;
}

/** Every map that holds the last step of a key. */
function holders(value: unknown, key: readonly string[], at: Path): Held[] {
  const [step, ...rest] = key;
  if (step === undefined || typeof value !== 'object' || value === null) return [];
  if (step === '*' && rest.length === 0) {
    const holder = value as Record<string, unknown>;
    return Object.keys(value).map((index) => ({ holder, at: [...at, Number(index)] }));
  }
  if (step === '*') {
    return Object.values(value).flatMap((item, index) => holders(item, rest, [...at, index]));
  }
  const holder = value as Record<string, unknown>;
  return rest.length === 0
    ? [{ holder, at: [...at, step] }]
    : holders(holder[step], rest, [...at, step]);
}

function lacks(path: string, names: 'file' | 'folder'): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return `there is no ${names} ${path}`;
  if (names === 'folder') return found.isDirectory() ? null : `${path} is no folder`;
  return found.isFile() ? null : `${path} is no file`;
}
