import { z } from 'zod';
import { isSpiffeId } from './spiffe-id.ts';
import { labelsSchema, word } from './word.ts';

const uri = z
  .string('no SPIFFE ID; write spiffe://trust-domain/path')
  .refine(isSpiffeId, 'no SPIFFE ID; write spiffe://trust-domain/path, without wildcards');
const dns = z
  .string('no DNS name; write it as text')
  .regex(
    /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/,
    'no DNS name; write it in lower case, in ASCII, without wildcards',
  );
const subject = z
  .string('no subject; write it as RFC 4514 does, such as CN=search,O=Example')
  .regex(
    /^(?:[A-Za-z]+|\d+(?:\.\d+)+)=[^\0]*[^\0\s,+]$/,
    'no subject; write it as RFC 4514 does, such as CN=search,O=Example',
  )
  .refine(
    (text) => !/(?<!\\)[,+]\s/.test(text),
    'a space stands after a comma; write CN=search,O=Example, byte for byte as it is compared',
  );

/** The one name by which a certificate is known: `uri`, `dns` or `subject`. */
export const certificateMatch = z
  .strictObject(
    { uri: uri.optional(), dns: dns.optional(), subject: subject.optional() },
    'match is missing; write match: { uri: spiffe://trust-domain/path }, or dns or subject',
  )
  .refine(
    (names) => Object.values(names).filter((name) => name !== undefined).length === 1,
    'a rule matches by one name; write exactly one of uri, dns and subject',
  );

/** The `certificates:` of the `identity:` section: whom a client certificate makes somebody. */
export const certificateRules = z
  .array(
    z.strictObject({
      match: certificateMatch,
      principal: word('the principal'),
      roles: z
        .array(word('a role'), 'roles are missing; list at least one')
        .min(1, 'no role; list at least one, or the certificate can do nothing'),
      labels: labelsSchema.default({}),
    }),
    'no list; write certificates: and one "- match: …" for each principal',
  )
  .min(1, 'no certificate; write one "- match: …", or remove certificates')
  .superRefine(refuseRepeated);

/** One rule: the one name by which a certificate is known, and who bears it. */
export interface CertificateRule {
  readonly match: Readonly<Partial<Record<'uri' | 'dns' | 'subject', string | undefined>>>;
  readonly principal: string;
  readonly roles: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

function refuseRepeated(
  rules: readonly { readonly match: object }[],
  context: z.core.$RefinementCtx,
): void {
  const seen = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const text = JSON.stringify(rule.match);
    if (seen.has(text)) {
      const message = 'an earlier rule matches the same name; remove one of the two';
      context.addIssue({ code: 'custom', path: [index, 'match'], message });
    }
    seen.add(text);
  }
}
