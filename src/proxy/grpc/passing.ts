/**
 * The fields of a call's answer that pass, in its head or its trailers: the type, and what is
 * gRPC's own. Compression was not asked for, and what it can be is between the hops. Of a repeated
 * one the first: Node throws where some are given twice.
 */
export function passingFields(raw: readonly string[]): string[] {
  const fields: string[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    if (!passes(name) || seen.has(name)) continue;
    seen.add(name);
    fields.push(name, raw[at + 1] as string);
  }
  return fields;
}

function passes(name: string): boolean {
  if (!name.startsWith('grpc-')) return name === 'content-type' || name === 'retry-after';
  return name !== 'grpc-encoding' && name !== 'grpc-accept-encoding';
}

/** The first of a field, as Node gives them: name, value, name, value… */
export function fieldIn(raw: readonly string[], name: string): string | undefined {
  for (let at = 0; at < raw.length; at += 2) if (raw[at] === name) return raw[at + 1];
  return undefined;
}
