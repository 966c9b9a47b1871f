import type { ProvenToken, TokenProof } from '../identity/token-proof.ts';
import { Refusal } from '../refusal.ts';
import type { ClientCertificate } from '../tls/client-certificate.ts';
import { isAdminToken } from './admin-token.ts';
import { type Administrator, breakGlass, type Caller } from './administrator.ts';
import type { AdminConfig } from './config.ts';
import { boundGuesses } from './guesses.ts';
import { makeCodeBook, type TakeStep } from './one-time-code.ts';
import type { Asked } from './port.ts';
import { bearerOf, isToken, tokenOf } from './token.ts';

/** What administrators are known by. */
export interface GateMeans {
  readonly administrators: AdminConfig['administrators'];
  /** The token that all may share; null: none. */
  readonly shared: () => string | null;
  /** The name of the administrator that a verified certificate is; null: of none. */
  readonly bearer: (client: ClientCertificate) => string | null;
  /** Null: no issuer's tokens count here. */
  readonly prove: TokenProof | null;
  /** What takes an administrator's one-time codes. */
  readonly steps: (administrator: string) => TakeStep;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Tells who calls the admin port. Throws or rejects with `Refusal` not-authenticated,
 * over-limit. */
export type Gate = (asked: Asked) => Caller | Promise<Caller>;

type Entry = AdminConfig['administrators'][number];

interface Known {
  readonly entry: Entry;
  readonly administrator: Administrator;
  readonly confirm: Caller['confirm'];
}

/** Three parts, the first of which begins as base64url of `{` does. */
const tokenShape = /^eyJ?[\w-]*\.[\w-]*\.[\w-]*$/;

/**
 * One credential of a call counts: a bearer token, or the certificate of the connection. A bearer
 * token beside the certificate of another administrator is refused as a rival. Only the shared
 * token could be guessed, and only guesses at it are slowed down, so that they shut nobody else
 * out.
 */
export function makeGate(means: GateMeans): Gate {
  const { administrators, bearer, prove, now } = means;
  const known = administrators.map((entry) => knownOf(entry, means.steps));
  const byHash = new Map(known.flatMap((one) => (one.entry.token ? [[one.entry.token, one]] : [])));
  const byName = new Map(known.map((one) => [one.administrator.name, one]));
  const guesses = boundGuesses(now);

  function byBearer(text: string, asked: Asked): Caller | Promise<Caller> {
    const own = isAdminToken(text) ? byHash.get(`sha256:${hashOf(text)}`) : undefined;
    if (own) return { ...own, provenAt: null };
    if (prove && tokenShape.test(text)) {
      const proven = prove(text, asked.peer?.certificate ?? null);
      return proven.then((token) => byToken(known, token), refusedToken);
    }
    const { address } = asked.source;
    const shared = means.shared();
    // A token that we made cannot be guessed, so nobody's guesses keep its holder out.
    const guessable = shared === null || !isAdminToken(shared);
    if (guessable && !guesses.allowed(address)) {
      throw new Refusal('over-limit', 'too many wrong credentials', { retryAfter: 1 });
    }
    if (shared !== null && isToken(text, tokenOf(shared))) return sharedCaller(now());
    guesses.wrong(address);
    throw nobody('the credential is no administrator’s');
  }

  return function identify(asked) {
    const client = asked.peer?.client ?? null;
    const certified = client && (byName.get(bearer(client) ?? '') ?? null);
    const text = bearerOf(asked.rawHeaders);
    if (text === null) {
      if (asked.rawHeaders.some(isAuthorization)) throw nobody('authorization is not one Bearer');
      if (certified) return { ...certified, provenAt: asked.connectedAt };
      throw nobody(client ? 'the certificate is no administrator’s' : 'no credential was sent');
    }
    const caller = byBearer(text, asked);
    return caller instanceof Promise
      ? caller.then((who) => unrivalled(who, certified))
      : unrivalled(caller, certified);
  };
}

function isAuthorization(field: string, at: number): boolean {
  return at % 2 === 0 && field.toLowerCase() === 'authorization';
}

function unrivalled(caller: Caller, certified: Known | null): Caller {
  const { name, kind } = caller.administrator;
  if (!certified || kind === 'break-glass' || certified.administrator.name === name) return caller;
  throw nobody('rival credentials: a token, and the certificate of another administrator');
}

/** Why a token does not count is for the log; it is told as this port tells it. */
function refusedToken(error: unknown): never {
  throw error instanceof Refusal ? nobody(error.message) : error;
}

/** By subject before by role, so that who is named is known by their own name. */
function byToken(known: readonly Known[], token: ProvenToken): Caller {
  const { issuer, subject, identity, authenticatedAt } = token;
  const ofIssuer = known.filter(({ entry }) => entry.oidc?.issuer === issuer);
  const found =
    ofIssuer.find(({ entry }) => entry.oidc?.subject === subject) ??
    ofIssuer.find(({ entry }) => identity.roles.includes(entry.oidc?.role ?? ''));
  if (!found) throw nobody(`token ${identity.id} is no administrator’s`);
  const administrator = { ...found.administrator, subject: identity.id };
  return { administrator, provenAt: authenticatedAt, confirm: null };
}

function knownOf(entry: Entry, steps: GateMeans['steps']): Known {
  const { name, roles, totp, token, certificate } = entry;
  const kind = token ? 'token' : certificate ? 'certificate' : 'oidc';
  return {
    entry,
    administrator: Object.freeze({ name, kind, subject: null, roles }),
    confirm: totp === undefined ? null : makeCodeBook(totp, steps(name)),
  };
}

/** It must work when nothing else does, so it is as fresh as its file; every use is told. */
function sharedCaller(now: number): Caller {
  return { administrator: breakGlass, provenAt: now, confirm: null };
}

function hashOf(text: string): string {
  return tokenOf(text).digest.toString('hex');
}

function nobody(reason: string): Refusal {
  return new Refusal('not-authenticated', reason, { challenge: 'Bearer' });
}
