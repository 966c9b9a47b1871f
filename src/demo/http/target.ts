const protectedBytes: ReadonlySet<string> = new Set(['2f', '25', '2b']);

/** The path of a request target, merged and trimmed, and its query. */
export interface Target {
  /** The segments, decoded but for those bytes that a second decoding is for. */
  readonly segments: readonly string[];
  readonly query: string;
}

/** Reads a request target: origin or absolute form, with a fragment or not. */
export function readTarget(target: string): Target {
  const [whole = ''] = target.split('#', 1);
  const mark = whole.indexOf('?');
  const named = mark < 0 ? whole : whole.slice(0, mark);
  const path = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/]*(.*)$/s.exec(named)?.[1] ?? named;
  // Slashes are merged in what was written, so that an encoded one never parts a segment.
  const trimmed = path.replace(/\/+/g, '/').replace(/\/$/, '');
  const decoded = decodeBytes(trimmed, protectedBytes);
  return { segments: decoded.split('/').slice(1), query: mark < 0 ? '' : whole.slice(mark + 1) };
}

/** Decodes what is left in a captured segment. */
export function decodeSegment(segment: string): string {
  return decodeBytes(segment, new Set());
}

/** Decodes escapes but for some bytes; bad ones stay, bytes that are no UTF-8 become U+FFFD. */
function decodeBytes(text: string, kept: ReadonlySet<string>): string {
  const bytes = Buffer.from(text);
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const hex = bytes.toString('latin1', at + 1, at + 3).toLowerCase();
    if (bytes[at] === 0x25 && /^[0-9a-f]{2}$/.test(hex) && !kept.has(hex)) {
      out.push(Number.parseInt(hex, 16));
      at += 2;
    } else out.push(bytes[at] ?? 0);
  }
  return Buffer.from(out).toString();
}
