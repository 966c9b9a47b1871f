import { unreadable } from './unreadable.ts';

const pairs = 16;

/**
 * Reads a query string that may hold these parameters, each once, and gives it as it is to be
 * forwarded. A value is visible ASCII without `&`, `=`, `+`, `#` or a percent-encoding, save an
 * encoded slash or comma, so that no two readers differ on it.
 * Throws `Refusal` unreadable-request.
 */
export function readQuery(query: string, allowed: readonly string[]): string {
  if (query === '') return '';
  const parts = query.split('&', pairs + 1);
  if (parts.length > pairs) throw unreadable('the query string has too many parameters');
  const seen: string[] = [];
  const written = parts.map((part) => {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    if (!allowed.includes(name)) throw unreadable('the query string has an unknown parameter');
    if (seen.includes(name)) throw unreadable(`the parameter ${name} is given twice`);
    seen.push(name);
    return `${name}=${readValue(name, equals === -1 ? '' : part.slice(equals + 1))}`;
  });
  return `?${written.join('&')}`;
}

function readValue(name: string, raw: string): string {
  if (raw === '') throw unreadable(`the parameter ${name} has no value`);
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === 0x25 && isHarmlessEscape(raw, at)) at += 2;
    else if (!isHarmless(code))
      throw unreadable(`the parameter ${name} has a character it may not`);
  }
  return raw;
}

function isHarmless(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x2c && code <= 0x3a) ||
    code === 0x5f
  );
}

/** `%2F`, `%2C` and `%20`: a client's encoder writes them so. */
function isHarmlessEscape(raw: string, at: number): boolean {
  const hex = raw.slice(at + 1, at + 3).toUpperCase();
  return hex === '2F' || hex === '2C' || hex === '20';
}
