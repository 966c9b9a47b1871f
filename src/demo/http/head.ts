/** A request's head. */
export interface Head {
  readonly method: string;
  readonly target: string;
  /** 0 or 1: of HTTP/1.0 and HTTP/1.1. */
  readonly minor: number;
  /** Names in lower case, as often as they were sent. */
  readonly headers: readonly (readonly [string, string])[];
}

/** A head that is answered with a status and nothing more. */
export class UnreadableHead extends Error {
  override readonly name = 'UnreadableHead';
  readonly status: 400 | 431;
  constructor(status: 400 | 431) {
    super(`unreadable request head: ${status}`);
    this.status = status;
  }
}

const most = 96;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const line = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\s\0]+) HTTP\/1\.([01])$/;

/** Reads a head; lines may end in a bare line feed. */
export function readHead(bytes: Buffer): Head {
  const lines = bytes.toString('latin1').split('\n').map(withoutReturn);
  const request = line.exec(lines[0] ?? '');
  if (!request) throw new UnreadableHead(400);
  const headers = lines.slice(1).map(readHeader);
  if (headers.length > most) throw new UnreadableHead(431);
  const [, method = '', target = '', minor] = request;
  // Targets are text: what was cut into single bytes is put together again.
  return {
    method,
    target: Buffer.from(target, 'latin1').toString(),
    minor: Number(minor),
    headers,
  };
}

/** The first value of a header. */
export function headerOf(head: Head, name: string): string | undefined {
  return head.headers.find(([known]) => known === name)?.[1];
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

function readHeader(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  const value = text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
  if (colon < 1 || !token.test(name) || /[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
    throw new UnreadableHead(400);
  }
  return [name.toLowerCase(), value];
}
