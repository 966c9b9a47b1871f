import { z } from 'zod';

const file = (what: string) =>
  z
    .string(`${what} is missing; give the path of a PEM file`)
    .min(1, `${what} is empty; give the path of a PEM file`);

const noList = 'no revocation list; give the path of a file in PEM or DER, or a list of paths';
const lists = z.array(file('the revocation list'), noList).min(1, noList);

/** The `tls:` section: which files make the certificate, and what is asked of clients. */
export const tlsSection = z
  .strictObject(
    {
      certificate: file('the certificate'),
      key: file("the certificate's key"),
      minVersion: z
        .enum(['TLSv1.3', 'TLSv1.2'], 'no such version; use TLSv1.3, or TLSv1.2 for old clients')
        .default('TLSv1.3'),
      clientCa: file('the authority of client certificates').optional(),
      clientCertificate: z
        .enum(['none', 'optional', 'required'], 'no such choice; use none, optional or required')
        .optional(),
      crl: z.union([file('the revocation list'), lists], noList).optional(),
      crlStale: z
        .enum(['refuse', 'accept'], 'no such choice; use refuse, or accept for lists that are late')
        .default('refuse'),
    },
    'tls is missing; add tls: with certificate and key (vectorgate certs dev makes both)',
  )
  .superRefine(agreeOnClients)
  .transform(({ clientCa, clientCertificate, crl, ...section }) => ({
    ...section,
    clientCa: clientCa ?? null,
    clientCertificate: clientCertificate ?? 'none',
    crl: listOf(crl),
  }));

function listOf(crl: string | string[] | undefined): readonly string[] {
  return typeof crl === 'string' ? [crl] : (crl ?? []);
}

/** The `tls:` section as it is in force. */
export type TlsSection = Readonly<z.output<typeof tlsSection>>;

function agreeOnClients(
  section: { clientCa?: unknown; clientCertificate?: unknown; crl?: unknown },
  context: z.core.$RefinementCtx,
): void {
  const { clientCa, clientCertificate, crl } = section;
  const asked = clientCertificate === 'optional' || clientCertificate === 'required';
  if (asked && clientCa === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['clientCertificate'],
      message: 'client certificates are asked for but nothing can verify them; set clientCa',
    });
  }
  if (crl !== undefined && !asked) {
    const message =
      'a revocation list is given but clients are asked for no certificate; remove it';
    context.addIssue({ code: 'custom', path: ['crl'], message });
  }
  if (clientCa !== undefined && clientCertificate === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['clientCa'],
      message:
        'a client authority is set but not what for; ' +
        'set clientCertificate to required, optional or none',
    });
  }
}
