import { z } from 'zod';

const msIn = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `0s`, `500ms`, `2s`, `5m`, `12h`: a time, in milliseconds. */
const span = z
  .string('is no time; Write it as 500ms, 2s, 5m or 1h')
  .transform((text, context): number => {
    const [, digits, unit] = /^(0|[1-9]\d{0,4})(ms|s|m|h)$/.exec(text) ?? [];
    if (unit !== undefined) return Number(digits) * msIn[unit as keyof typeof msIn];
    context.addIssue('is no time; Write it as 500ms, 2s, 5m or 1h');
    return z.NEVER;
  });

const bits = (most: number) =>
  z
    .int(`is no prefix length; Write 1 to ${most}`)
    .min(1)
    .max(most)
    .default(most === 32 ? 32 : 64);

const longestDelay = 10_000;

/** What failed authentications cost whoever sends them. */
const failures = z
  .strictObject({
    allowed: z
      .int('is no number; Write how many failures are answered at once, 1 to 1000')
      .min(1)
      .max(1000)
      .default(10),
    forget: span.refine((time) => time >= 1000, 'is too short; Write 1s or more').prefault('6s'),
    delay: span
      .refine((time) => time <= longestDelay, 'is longer than clients wait; Write 10s or less')
      .prefault('2s'),
    ipv4: bits(32),
    ipv6: bits(128),
  })
  .prefault({});

/** The `limits:` section: what one caller may take where no policy says it. */
export const limitsSection = z.strictObject({ failures }).prefault({});

/** The `limits:` section as it is in force. */
export type LimitsConfig = Readonly<z.output<typeof limitsSection>>;

/** What `limits.failures:` says, with its defaults. */
export type FailuresConfig = LimitsConfig['failures'];
