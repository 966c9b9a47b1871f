import { z } from 'zod';
import type { Extent } from '../catalog/operation.ts';
import type { Quota, Sweeping } from './quota.ts';

/** `limits:` of a role or a rule. */
export interface Limits {
  /** Whether every identity has a count of its own, or all who hold the role have one together. */
  readonly each: 'identity' | 'role';
  readonly rates: readonly Pick<Quota, 'measure' | 'units' | 'period' | 'burst'>[];
  /** Which part of a collection answers may carry; null: all of it. */
  readonly sweep: SweepLimit | null;
  /** What a request may ask its answer to carry; null: whatever it likes. */
  readonly extent: Extent | null;
}

/** A share of each collection, in parts of 10,000, and what becomes of whoever takes more. */
export interface SweepLimit extends Pick<Quota, 'units' | 'period'> {
  readonly exceed: Sweeping['exceed'];
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

/** What says how, and limits nothing by itself. */
const qualifying: ReadonlySet<string> = new Set(['each', 'burst', 'exceed']);

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
        sweep: sweepSchema().optional(),
        each: z
          .enum(['identity', 'role'], 'not a holder; Write each: identity or each: role')
          .optional(),
        results: countOf('results'),
        offset: countOf('offset', 0),
        vectors: z.literal('deny', 'not a limit; Write vectors: deny, or remove it').optional(),
        payload: payloadSchema().optional(),
        exceed: z
          .enum(['lower', 'refuse'], 'not an answer; Write exceed: lower or exceed: refuse')
          .optional(),
      },
      empty,
    )
    .refine((limits) => Object.keys(limits).some((key) => !qualifying.has(key)), empty)
    .refine((limits) => limits.exceed === undefined || extentOf(limits) !== null, {
      message: 'exceed is nothing without what may be asked for; Add results: 100, or remove it',
      path: ['exceed'],
    })
    .refine(({ requests, burst }) => burst === undefined || requests !== undefined, {
      message: 'burst is nothing without a rate; Add requests: 200/s',
      path: ['burst'],
    })
    .transform(limitsOf);
}

function payloadSchema() {
  const wrong = 'not a list of fields; Write payload: [title, url]; [] for none';
  return z.array(z.string(wrong).min(1, wrong), wrong);
}

interface Written extends Partial<Asked> {
  readonly requests?: Rate | undefined;
  readonly burst?: number | undefined;
  readonly concurrent?: number | undefined;
  readonly budget?:
    | { readonly points?: Rate | undefined; readonly bytes?: Rate | undefined }
    | undefined;
  readonly sweep?: { readonly share: Rate; readonly exceed: Sweeping['exceed'] } | undefined;
  readonly each?: Limits['each'] | undefined;
}

type Rate = Pick<Quota, 'units' | 'period'>;

interface Asked {
  readonly results: number | undefined;
  readonly offset: number | undefined;
  readonly vectors: 'deny' | undefined;
  readonly payload: readonly string[] | undefined;
  readonly exceed: 'lower' | 'refuse' | undefined;
}

function extentOf({ results, offset, vectors, payload, exceed }: Partial<Asked>): Extent | null {
  const none = [results, offset, vectors, payload].every((limit) => limit === undefined);
  if (none) return null;
  return {
    results: results ?? null,
    offset: offset ?? null,
    vectors: vectors ?? null,
    payload: payload ?? null,
    ...(exceed === 'lower' ? { exceed } : {}),
  };
}

function limitsOf(written: Written): Limits {
  const { requests, burst, concurrent, budget, sweep, each = 'identity' } = written;
  const rates: Limits['rates'][number][] = [];
  if (requests) rates.push({ measure: 'requests', ...requests, burst: burst ?? requests.units });
  if (concurrent !== undefined) {
    rates.push({ measure: 'concurrent', units: concurrent, period: 0, burst: concurrent });
  }
  for (const measure of ['points', 'bytes'] as const) {
    const rate = budget?.[measure];
    if (rate) rates.push({ measure, ...rate, burst: rate.units });
  }
  return {
    each,
    rates,
    sweep: sweep ? { ...sweep.share, exceed: sweep.exceed } : null,
    extent: extentOf(written),
  };
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

/** How much of a collection answers may carry. */
function sweepSchema() {
  const wrong = 'not a share; Write it as share: 20%/h or share: 20%/d';
  const share = z.string(wrong).transform((text, context): Rate => {
    const [, percent, period = ''] = shareForm.exec(text) ?? [];
    const units = Math.round(Number(percent) * 100);
    if (units > 0 && units <= 100_000) return { units, period: periods[period] ?? second };
    context.addIssue(wrong);
    return z.NEVER;
  });
  return z.strictObject({
    share,
    exceed: z.enum(
      ['alarm', 'stop'],
      'not an answer to a sweep; Write exceed: alarm or exceed: stop',
    ),
  });
}

/** `20%/h`, `0.5%/d` */
const shareForm = /^(\d{1,4}(?:\.\d{1,2})?)%\/([hd])$/;

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

function countOf(key: string, least = 1) {
  const wrong = `${key} is no whole number from ${least} to 1000000000; Write it as ${key}: 64`;
  return z.number(wrong).int(wrong).min(least, wrong).max(1e9, wrong).optional();
}

/** `200`, `1GiB` */
function amountOf(text: string): number {
  const unit = bytesIn[text.slice(-3)];
  return unit === undefined ? Number(text) : Number(text.slice(0, -3)) * unit;
}
