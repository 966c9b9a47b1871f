import type { FieldTest } from './filter.ts';
import { isPayload, type PayloadValue } from './point.ts';

/** Bounds of a range; those left out do not bind. */
export interface Bounds {
  readonly lt?: number | undefined;
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lte?: number | undefined;
}

/** How a text is looked for in a string value. */
export type TextMatch = 'text' | 'text_any' | 'phrase' | 'prefix';

/** The tests that a field condition is made of. */
export const fieldTests = {
  anyOf: (wanted: readonly PayloadValue[]): FieldTest => {
    const set = new Set(wanted);
    return anyValue((value) => set.has(value));
  },
  noneOf: (unwanted: readonly PayloadValue[]): FieldTest => {
    const set = new Set(unwanted);
    return anyValue((value) => !set.has(value));
  },
  text: (how: TextMatch, wanted: string): FieldTest =>
    anyValue((value) => typeof value === 'string' && textMatches(how, value, wanted)),
  range: (bounds: Bounds): FieldTest =>
    anyValue(
      (value) =>
        (typeof value === 'bigint' || typeof value === 'number') && within(Number(value), bounds),
    ),
  datetime: (bounds: Bounds): FieldTest =>
    anyValue((value) => typeof value === 'string' && within(Date.parse(value), bounds)),
  valuesCount: (bounds: Bounds): FieldTest => {
    return (values) => within(sum(values.map(sizeOf)), bounds);
  },
  isEmpty: (values: readonly PayloadValue[]): boolean =>
    values.every((value) => value === null || (Array.isArray(value) && value.length === 0)),
  isNull: (values: readonly PayloadValue[]): boolean =>
    values.some((value) => value === null || (Array.isArray(value) && value.includes(null))),
  place: (holds: (lat: number, lon: number) => boolean): FieldTest =>
    anyValue((value) => {
      if (!isPayload(value)) return false;
      const [lat, lon] = [Number(value.get('lat')), Number(value.get('lon'))];
      return Number.isFinite(lat) && Number.isFinite(lon) && holds(lat, lon);
    }),
};

function anyValue(holds: (value: PayloadValue) => boolean): FieldTest {
  return (values) =>
    values.some((value) => (Array.isArray(value) ? value.some(holds) : holds(value)));
}

function within(value: number, { lt, gt, gte, lte }: Bounds): boolean {
  return (
    !Number.isNaN(value) &&
    (lt === undefined || value < lt) &&
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lte === undefined || value <= lte)
  );
}

function sizeOf(value: PayloadValue): number {
  if (value === null) return 0;
  return Array.isArray(value) ? value.length : 1;
}

function textMatches(how: TextMatch, value: string, wanted: string): boolean {
  if (how === 'prefix') return value.startsWith(wanted);
  if (value.includes(wanted)) return true;
  if (how === 'phrase') return false;
  const words = new Set(wordsOf(value));
  const asked = wordsOf(wanted);
  return how === 'text'
    ? asked.length > 0 && asked.every((word) => words.has(word))
    : asked.some((word) => words.has(word));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
