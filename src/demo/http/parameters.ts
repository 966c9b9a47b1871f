import { Failure } from '../failure.ts';

/** The parameters of a query string that an operation knows, read. */
export interface Parameters {
  readonly wait: boolean | undefined;
}

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  wait: readBoolean,
  force: readBoolean,
  anonymize: readBoolean,
  per_collection: readBoolean,
  ordering: (text) => readWord(text, ['weak', 'medium', 'strong']),
  timeout: (text) => readInteger(text, 1),
  details_level: (text) => readInteger(text, 0),
  consistency: (text) => text,
  priority: (text) => readWord(text, ['no_sync', 'snapshot', 'replica']),
  checksum: (text) => text,
};

/** Reads the parameters an operation knows; others are ignored. */
export function readParameters(query: string, known: readonly string[]): Parameters {
  const found = new Map<string, unknown>();
  for (const [name, text] of new URLSearchParams(query)) {
    if (!known.includes(name)) continue;
    if (found.has(name)) throw refused(`duplicate field \`${name}\``);
    found.set(name, readers[name]?.(text));
  }
  const wait = found.get('wait');
  return { wait: typeof wait === 'boolean' ? wait : undefined };
}

function readBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') {
    throw refused('provided string was not `true` or `false`');
  }
  return text === 'true';
}

function readWord(text: string, words: readonly string[]): string {
  if (words.includes(text)) return text;
  const expected = words.map((word) => `\`${word}\``).join(', ');
  throw refused(`unknown variant \`${text}\`, expected one of ${expected}`);
}

function readInteger(text: string, least: number): number {
  if (!/^\+?\d+$/.test(text)) throw refused('invalid digit found in string');
  if (Number(text) >= least) return Number(text);
  throw refused(`invalid value: integer \`${Number(text)}\`, expected a nonzero u64`);
}

function refused(reason: string): Failure {
  return new Failure('malformed', `Deserialize error in query parameters: ${reason}`);
}
