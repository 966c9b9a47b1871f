import { X509Certificate } from 'node:crypto';
import type { ClientCertificate } from './client-certificate.ts';
import { listedAs, type RevocationList } from './revocation.ts';

/** Judges client certificates by the authorities and revocation lists in force: those of new
 * connections, and those of open ones as what is in force changes. */
export interface Standing {
  /** Why a certificate does not count at this time; null: it counts. */
  objection(client: ClientCertificate, now: number): string | null;
}

/** What certificates are judged by. */
export interface Trust {
  readonly authorities: readonly X509Certificate[];
  /** The list of each authority; null: nobody asks for lists. */
  readonly lists: ReadonlyMap<X509Certificate, RevocationList> | null;
  /** Whether a list counts although the next one is due. */
  readonly acceptStale: boolean;
}

/** What holds whatever the time is, found once for each certificate. */
interface Verdict {
  readonly reason: string | null;
  /** When the first certificate of its chain ends. */
  readonly ends: number;
  /** When the first list of its chain is stale. */
  readonly stale: number;
}

const longestChain = 16;

/** The judge of one version of authorities and lists. */
export function makeStanding(trust: Trust): Standing {
  const known = new WeakMap<ClientCertificate, Verdict>();
  return {
    objection: (client, now) => {
      let verdict = known.get(client);
      if (!verdict) {
        verdict = judge(client, trust);
        known.set(client, verdict);
      }
      if (verdict.reason !== null) return verdict.reason;
      if (now >= verdict.ends) return 'the certificate, or an authority of it, has expired';
      if (now >= verdict.stale && !trust.acceptStale) return 'a revocation list is stale';
      return null;
    },
  };
}

/** Follows a chain to an authority that signed itself, as OpenSSL did in the handshake: this can be
 * done again. */
function judge({ chain }: ClientCertificate, { authorities, lists }: Trust): Verdict {
  let [certificate, ...sent] = chain.map((der) => new X509Certificate(der));
  let [ends, stale] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let depth = 0; certificate && depth < longestChain; depth++) {
    ends = Math.min(ends, certificate.validToDate.getTime());
    const issuer = authorOf(certificate, authorities) ?? authorOf(certificate, sent);
    if (!issuer) return { reason: 'no authority in force vouches for it', ends, stale };
    if (lists) {
      const list = lists.get(issuer);
      if (!list) return { reason: 'an authority of it has no revocation list', ends, stale };
      if (list.serials.has(listedAs(certificate).serial)) {
        return { reason: `it is revoked (serial ${certificate.serialNumber})`, ends, stale };
      }
      stale = Math.min(stale, list.nextUpdate);
    }
    if (issuer.raw.equals(certificate.raw)) return { reason: null, ends, stale };
    sent = sent.filter((each) => each !== issuer);
    certificate = issuer;
  }
  return { reason: 'its chain does not end', ends, stale };
}

function authorOf(
  certificate: X509Certificate,
  candidates: readonly X509Certificate[],
): X509Certificate | undefined {
  return candidates.find(
    (each) => each.ca && certificate.checkIssued(each) && certificate.verify(each.publicKey),
  );
}
