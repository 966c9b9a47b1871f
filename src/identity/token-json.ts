const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The one JSON object (RFC 8259) that these bytes are, or null: not UTF-8, a byte order mark, no
 * JSON, no object, or a key twice in any of its objects, where two readers could see two tokens.
 */
export function jsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || membersWritten(text) !== membersRead(value)) return null;
    return value;
  } catch {
    return null;
  }
}

/** Whether a value is a JSON object, and neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every member has one colon outside strings. */
function membersWritten(text: string): number {
  let members = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) quoted = !quoted;
    else if (quoted && code === 0x5c) at++;
    else if (!quoted && code === 0x3a) members++;
  }
  return members;
}

/** Of two members with one key only the last is left. */
function membersRead(root: object): number {
  let members = 0;
  const open: unknown[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Object.values(value);
    if (!Array.isArray(value)) members += inner.length;
    for (const each of inner) open.push(each);
  }
  return members;
}
