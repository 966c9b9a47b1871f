import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const prefix = 'vga_';
const shape = /^vga_[0-9a-f]{64}[0-9a-f]{8}$/;

/** Makes an administrator's token: 256 random bits, and a checksum by which scanners know a leaked
 * one from noise. */
export function makeAdminToken(): string {
  const body = prefix + randomBytes(32).toString('hex');
  return body + checksumOf(body);
}

/** Whether a text is such a token, so that it cannot be guessed. */
export function isAdminToken(text: string): boolean {
  return shape.test(text) && text.endsWith(checksumOf(text.slice(0, -8)));
}

function checksumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
