import { z } from 'zod';
import { address, isLoopback } from '../proxy/config.ts';

const shortestToken = 16;

const token = z
  .string()
  .regex(/^[\x21-\x7e]*$/, 'holds characters that a header does not carry; use letters and digits')
  .min(
    shortestToken,
    `is shorter than ${shortestToken} characters; make one with openssl rand -hex 32`,
  );

/** The `admin:` section: where operators ask and act; no port where it is left out. */
export const adminSection = z
  .strictObject({
    listen: address.prefault('127.0.0.1:9633'),
    token,
    /** Consents to an address that other hosts reach, over plain HTTP. */
    allowRemote: z.boolean().default(false),
  })
  .refine(({ listen, allowRemote }) => allowRemote || isLoopback(listen.host), {
    path: ['listen'],
    message:
      'other hosts reach this address and the token crosses in the clear; ' +
      'listen on 127.0.0.1, or set admin.allowRemote: true',
  });

/** The `health:` section: where probes and scrapers ask; no port where it is left out. */
export const healthSection = z.strictObject({
  listen: address.prefault('0.0.0.0:9634'),
  /** Opens `/metrics` for whoever presents it. */
  metricsToken: token.optional(),
});

/** What `admin:` says, with its defaults. */
export type AdminConfig = z.infer<typeof adminSection>;

/** What `health:` says, with its defaults. */
export type HealthConfig = z.infer<typeof healthSection>;
