/** The fields of the database's answer that pass; framing, `date` and whatever describes the hop or
 * the database itself do not. */
const passing = [
  'content-type',
  'content-disposition',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'cache-control',
  'allow',
  'retry-after',
];

/** Header fields by lower-cased name; a repeated one as a list. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The fields of an answer that pass: name, value, name, value… Of a repeated one the first. */
export function passingFields(headers: AnswerHeaders): string[] {
  const fields: string[] = [];
  for (const name of passing) {
    const value = headers[name];
    if (value === undefined) continue;
    fields.push(name, typeof value === 'string' ? value : (value[0] ?? ''));
  }
  return fields;
}

/** The length an answer's body claims; null where it claims none. */
export function claimedLength(headers: AnswerHeaders): number | null {
  const length = headers['content-length'];
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : null;
}
