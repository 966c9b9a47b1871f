import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsSection } from './config.ts';
import { isSignedBy } from './list-signature.ts';
import { checkTime, parseCertificate, type Report, readFor } from './read-file.ts';
import { listedAs, type RevocationList, readRevocationLists } from './revocation.ts';
import { makeStanding, type Standing } from './standing.ts';

/** What client certificates are verified by. */
export interface ClientTrust {
  /** PEM of the authorities. */
  readonly authorities: Buffer;
  /** PEM of the revocation lists; null: nobody asks for any. */
  readonly lists: readonly string[] | null;
  /** When the first list is stale, in milliseconds since 1970; null: never. */
  readonly stale: number | null;
  readonly standing: Standing;
}

type Asked = Pick<TlsSection, 'crl' | 'crlStale'> & { readonly clientCa: string };

const firstLetters = '-----BEGIN CERTIFICATE-----';

/** Reads authorities and their revocation lists; null, and reported, where something is wrong. */
export function readClientTrust(section: Asked, now: number, report: Report): ClientTrust | null {
  const pem = readFor('clientCa', report, () => readFileSync(section.clientCa));
  const authorities = pem && authoritiesIn(pem, now, report);
  if (!pem || !authorities) return null;
  const acceptStale = section.crlStale === 'accept';
  if (section.crl.length === 0) {
    const standing = makeStanding({ authorities, lists: null, acceptStale });
    return { authorities: pem, lists: null, stale: null, standing };
  }
  const read = section.crl.flatMap((path) => listsIn(path, report));
  const lists = assigned(read, authorities, report);
  for (const list of read) checkListTime(list, now, acceptStale, report);
  return {
    authorities: pem,
    lists: read.map((list) => list.pem),
    stale: Math.min(...read.map(({ nextUpdate }) => nextUpdate)),
    standing: makeStanding({ authorities, lists, acceptStale }),
  };
}

function authoritiesIn(pem: Buffer, now: number, report: Report): X509Certificate[] | null {
  const blocks = pem.toString('latin1').split(new RegExp(`(?=${firstLetters})`));
  const texts = blocks.filter((block) => block.startsWith(firstLetters));
  const remedy = "Put your authority's certificate there";
  if (texts.length === 0) report('clientCa', 'it holds no certificate in PEM', remedy);
  const found: X509Certificate[] = [];
  for (const text of texts) {
    const authority = parseCertificate(Buffer.from(text));
    if (!authority?.ca) {
      report('clientCa', 'it holds what is no authority', remedy);
      return null;
    }
    checkTime(authority, 'clientCa', now, report);
    found.push(authority);
  }
  return found.length > 0 ? found : null;
}

function listsIn(path: string, report: Report): readonly RevocationList[] {
  const file = readFor('crl', report, () => readFileSync(path));
  if (!file) return [];
  try {
    return readRevocationLists(file);
  } catch (error) {
    const message = `${path} is no revocation list: ${(error as Error).message}`;
    report('crl', message, 'Put a whole list there, in PEM or DER');
    return [];
  }
}

/** The list of each authority: OpenSSL asks for one of every authority of a chain. */
function assigned(
  lists: readonly RevocationList[],
  authorities: readonly X509Certificate[],
  report: Report,
): ReadonlyMap<X509Certificate, RevocationList> {
  const found = new Map<X509Certificate, RevocationList>();
  const remedy = 'Give exactly one list for each authority of clientCa';
  for (const list of lists) {
    const authority = authorities.find(
      (each) => listedAs(each).subject === list.issuer && isSignedBy(list, each),
    );
    if (!authority) report('crl', 'no authority of clientCa signed this list', remedy);
    else if (found.has(authority)) report('crl', 'there are two lists of one authority', remedy);
    else found.set(authority, list);
  }
  for (const each of authorities) {
    if (found.has(each) || lists.length === 0) continue;
    report('crl', `there is no list of the authority ${oneLine(each.subject)}`, remedy);
  }
  return found;
}

function checkListTime(list: RevocationList, now: number, accept: boolean, report: Report): void {
  const { thisUpdate, nextUpdate } = list;
  if (thisUpdate > now) {
    const remedy = 'Wait, or set the clock of this host';
    report('crl', `it starts only on ${new Date(thisUpdate).toISOString()}`, remedy);
  }
  if (nextUpdate > now || accept) return;
  const remedy = 'Fetch a newer one; crlStale: accept takes a stale one, as an explicit choice';
  report('crl', `it is stale since ${new Date(nextUpdate).toISOString()}`, remedy);
}

function oneLine(subject: string): string {
  return subject.replaceAll('\n', ',');
}
