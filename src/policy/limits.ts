import { z } from 'zod';
import type { Quota } from './quota.ts';

/** `limits:` of a role or a rule. */
export interface Limits {
  /** Whether every identity has a count of its own, or all who hold the role have one together. */
  readonly each: 'identity' | 'role';
  readonly rates: readonly Pick<Quota, 'measure' | 'units' | 'period' | 'burst'>[];
}

const second = 1000;
const periods: Readonly<Record<string, number>> = {
  s: second,
  m: 60 * second,
  h: 3600 * second,
  d: 86_400 * second,
};

const bytesIn: Readonly<Record<string, number>> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

const empty = 'there is no limit in it; Write limits: { requests: 200/s }, or remove the key';

/** The schema of `limits:`. Its messages are `what is wrong; what to do`. */
export function limitsSchema() {
  return z
    .strictObject(
      {
        requests: rateOf(
          /^([1-9]\d{0,8})\/([smh])$/,
          'not a rate; Write it as 200/s, 600/m or 5000/h',
        ),
        burst: countOf('burst'),
        concurrent: countOf('concurrent'),
        budget: budgetSchema().optional(),
        each: z
          .enum(['identity', 'role'], 'not a holder; Write each: identity or each: role')
          .optional(),
        ...notEnforced,
      },
      empty,
    )
    .refine((limits) => Object.keys(limits).some((key) => key !== 'each' && key !== 'burst'), empty)
    .refine(({ requests, burst }) => burst === undefined || requests !== undefined, {
      message: 'burst is nothing without a rate; Add requests: 200/s',
      path: ['burst'],
    })
    .transform(limitsOf);
}

const notEnforced = {
  results: notBuilt('results'),
  vectors: notBuilt('vectors'),
  payload: notBuilt('payload'),
  offset: notBuilt('offset'),
};

function notBuilt(key: string) {
  return z
    .never(`${key} belongs to the language but is not enforced by this version; Remove it`)
    .optional();
}

interface Written {
  readonly requests?: Rate | undefined;
  readonly burst?: number | undefined;
  readonly concurrent?: number | undefined;
  readonly budget?:
    | { readonly points?: Rate | undefined; readonly bytes?: Rate | undefined }
    | undefined;
  readonly each?: Limits['each'] | undefined;
}

type Rate = Pick<Quota, 'units' | 'period'>;

function limitsOf({ requests, burst, concurrent, budget, each = 'identity' }: Written): Limits {
  const rates: Limits['rates'][number][] = [];
  if (requests) rates.push({ measure: 'requests', ...requests, burst: burst ?? requests.units });
  if (concurrent !== undefined) {
    rates.push({ measure: 'concurrent', units: concurrent, period: 0, burst: concurrent });
  }
  for (const measure of ['points', 'bytes'] as const) {
    const rate = budget?.[measure];
    if (rate) rates.push({ measure, ...rate, burst: rate.units });
  }
  return { each, rates };
}

/** What answers may carry. */
function budgetSchema() {
  const none = 'there is no budget in it; Write budget: { points: 100000/d, bytes: 1GiB/h }';
  const points = rateOf(
    /^([1-9]\d{0,11})\/([hd])$/,
    'not a budget; Write it as 100000/d or 5000/h',
  );
  const wrong = 'not a budget; Write it as 1GiB/h or 500MiB/d';
  return z
    .strictObject(
      { points, bytes: rateOf(/^([1-9]\d{0,5}(?:KiB|MiB|GiB|TiB))\/([hd])$/, wrong) },
      none,
    )
    .refine((budget) => budget.points ?? budget.bytes, none);
}

function rateOf(form: RegExp, wrong: string) {
  return z
    .string(wrong)
    .transform((text, context): Rate => {
      const [, units, period = ''] = form.exec(text) ?? [];
      if (units !== undefined) return { units: amountOf(units), period: periods[period] ?? second };
      context.addIssue(wrong);
      return z.NEVER;
    })
    .optional();
}

function countOf(key: string) {
  const wrong = `${key} is no whole number from 1 to 1000000000; Write it as ${key}: 64`;
  return z.number(wrong).int(wrong).min(1, wrong).max(1e9, wrong).optional();
}

/** `200`, `1GiB` */
function amountOf(text: string): number {
  const unit = bytesIn[text.slice(-3)];
  return unit === undefined ? Number(text) : Number(text.slice(0, -3)) * unit;
}
