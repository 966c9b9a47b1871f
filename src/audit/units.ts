import { z } from 'zod';

const bytesIn = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };
const msIn = { h: 3_600_000, d: 86_400_000 };

/** `500MiB`, `20GiB`: an amount of bytes. */
export const size = z
  .string({ error: 'is no size; Write it as 500MiB, 20GiB or 1TiB' })
  .transform((text, context): number => {
    const [, digits, unit] = /^([1-9]\d{0,5})(B|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
    if (unit !== undefined) return Number(digits) * bytesIn[unit as keyof typeof bytesIn];
    context.addIssue('is no size; Write it as 500MiB, 20GiB or 1TiB');
    return z.NEVER;
  });

/** `12h`, `90d`: a time that passes, in milliseconds. */
export const duration = z
  .string({ error: 'is no time; Write it as 12h or 90d' })
  .transform((text, context): number => {
    const [, digits, unit] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? [];
    if (unit !== undefined) return Number(digits) * msIn[unit as keyof typeof msIn];
    context.addIssue('is no time; Write it as 12h or 90d');
    return z.NEVER;
  });
