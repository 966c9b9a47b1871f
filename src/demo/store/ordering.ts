import { Failure } from '../failure.ts';
import type { Collection } from './collection.ts';
import { parsePath, valuesAt } from './payload-path.ts';
import { compareIds, type Point } from './point.ts';
import type { Hit, OrderBy } from './query.ts';

/** Points ordered by a payload value that has a range index; those without it are left out. */
export function ordered(
  { indexes }: Collection,
  points: Iterable<Point>,
  { key, descending, startFrom }: OrderBy,
): Hit[] {
  const type = indexes.get(key)?.type;
  if (type !== 'integer' && type !== 'float' && type !== 'datetime') {
    const message = `No range index for \`order_by\` key: \`${key}\`. Please create one to use`;
    throw new Failure('badRequest', `${message} \`order_by\`.`);
  }
  const path = parsePath(key);
  const hits: Hit[] = [];
  for (const point of points) {
    for (const value of valuesAt(point.payload, path).flat()) {
      const orderValue = orderable(type, value);
      if (orderValue === undefined) continue;
      const before = startFrom !== undefined && Number(orderValue) < startFrom;
      const after = startFrom !== undefined && Number(orderValue) > startFrom;
      if (!(descending ? after : before)) hits.push({ point, score: 1, scored: false, orderValue });
    }
  }
  const direction = descending ? -1 : 1;
  return hits.sort(
    (a, b) =>
      direction * (Number(a.orderValue) - Number(b.orderValue)) ||
      direction * compareIds(a.point.id, b.point.id),
  );
}

function orderable(type: string, value: unknown): bigint | number | undefined {
  if (type === 'datetime') {
    const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? undefined : BigInt(time) * 1000n;
  }
  if (type === 'float') return typeof value === 'bigint' ? Number(value) : numberOr(value);
  return typeof value === 'bigint' ? value : undefined;
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
