import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** What a checkpoint says of a log, in the words of its note. */
export interface Checkpoint {
  /** Which log: `gw-1.example.com/w1`. */
  readonly origin: string;
  /** How many records it covers: all up to this number. */
  readonly size: number;
  /** The link of the last of them, in hex. Not the root of a Merkle tree: the head of a chain. */
  readonly hash: string;
  readonly time: string;
  readonly segment: string;
  /** The key of the checkpoints that follow, in base64, where this one hands over to it. */
  readonly nextKey: string | null;
}

/** A key that signs checkpoints. */
export interface SigningKey {
  readonly secret: KeyObject;
  /** The 32 bytes of its public key, in base64. */
  readonly public: string;
}

/**
 * The text that is signed: a C2SP checkpoint (c2sp.org/tlog-checkpoint), whose extension lines tell
 * the time, the segment and the next key.
 */
export function noteText({ origin, size, hash, time, segment, nextKey }: Checkpoint): string {
  const root = Buffer.from(hash, 'hex').toString('base64');
  const handOver = nextKey === null ? '' : `next-key ${nextKey}\n`;
  return `${origin}\n${size}\n${root}\ntime ${time}\nsegment ${segment}\n${handOver}`;
}

/** Signs a text as a note (c2sp.org/signed-note): the key's id and the Ed25519 signature, in
 * base64. */
export function signNote(text: string, name: string, key: SigningKey): string {
  const signature = sign(null, Buffer.from(text), key.secret);
  return Buffer.concat([keyId(name, key.public), signature]).toString('base64');
}

/** Whether a text was signed under this name by this public key, in base64. */
export function noteHolds(text: string, name: string, key: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.length !== 68 || !bytes.subarray(0, 4).equals(keyId(name, key))) return false;
  try {
    return verify(null, Buffer.from(text), publicKey(key), bytes.subarray(4));
  } catch {
    return false;
  }
}

function keyId(name: string, key: string): Buffer {
  const hash = createHash('sha256').update(`${name}\n\u0001`);
  return hash.update(Buffer.from(key, 'base64')).digest().subarray(0, 4);
}

function publicKey(key: string): KeyObject {
  const x = Buffer.from(key, 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
