import { Failure } from '../failure.ts';
import { type Bounds, fieldTests, type TextMatch } from '../store/field-test.ts';
import {
  type Condition,
  type FieldTest,
  fieldCondition,
  filterOf,
  nestedCondition,
} from '../store/filter.ts';
import { inBox, inRadius, inRing, type Place } from '../store/geo.ts';
import type { PayloadValue } from '../store/point.ts';
import { get, type Message, maybe } from './message.ts';
import { pointIdOf } from './read-values.ts';

/** Reads a filter, if there is one. */
export function filterOfMessage(message: Message | undefined): Condition | undefined {
  if (!message) return undefined;
  const minShould = maybe.child(message, 'min_should');
  return filterOf({
    must: conditionsOf(message, 'must'),
    should: conditionsOf(message, 'should'),
    mustNot: conditionsOf(message, 'must_not'),
    minShould: minShould
      ? {
          conditions: conditionsOf(minShould, 'conditions'),
          count: get.number(minShould, 'min_count'),
        }
      : null,
  });
}

function conditionsOf(message: Message, name: string): Condition[] {
  return get.list(message, name).map(conditionOf);
}

const readers: Readonly<Record<string, (message: Message) => Condition>> = {
  field: (message) => fieldCondition(get.text(message, 'key'), testsOf(message)),
  is_empty: (message) => fieldCondition(get.text(message, 'key'), [fieldTests.isEmpty]),
  is_null: (message) => fieldCondition(get.text(message, 'key'), [fieldTests.isNull]),
  has_id: (message) => {
    const ids = new Set(get.list(message, 'has_id').map(pointIdOf));
    return ({ id }) => ids.has(id);
  },
  has_vector: (message) => {
    const name = get.text(message, 'has_vector');
    return ({ vectors }) => vectors.has(name);
  },
  filter: (message) => filterOfMessage(message) ?? (() => true),
  nested: (message) => {
    const inner = filterOfMessage(maybe.child(message, 'filter')) ?? (() => true);
    return nestedCondition(get.text(message, 'key'), inner);
  },
};

function conditionOf(message: Message): Condition {
  for (const [name, read] of Object.entries(readers)) {
    const found = maybe.child(message, name);
    if (found) return read(found);
  }
  if (message['slice'] !== undefined) throw new Failure('notBuilt', 'slice conditions');
  throw new Failure('malformed', 'Malformed Condition type');
}

function testsOf(message: Message): FieldTest[] {
  const match = maybe.child(message, 'match');
  const range = maybe.child(message, 'range');
  const time = maybe.child(message, 'datetime_range');
  const count = maybe.child(message, 'values_count');
  const empty = maybe.flag(message, 'is_empty');
  const isNull = maybe.flag(message, 'is_null');
  const tests = [
    match && matchOf(match),
    range && fieldTests.range(boundsOf(range)),
    time && fieldTests.datetime(timesOf(time)),
    count && fieldTests.valuesCount(boundsOf(count)),
    ...placesOf(message),
    empty === undefined ? undefined : equal(fieldTests.isEmpty, empty),
    isNull === undefined ? undefined : equal(fieldTests.isNull, isNull),
  ];
  return tests.filter((test) => test !== undefined);
}

function matchOf(match: Message): FieldTest {
  for (const how of ['text', 'text_any', 'phrase', 'prefix'] satisfies TextMatch[]) {
    const text = maybe.text(match, how);
    if (text !== undefined) return fieldTests.text(how, text);
  }
  const one = maybe.text(match, 'keyword') ?? maybe.flag(match, 'boolean');
  if (one !== undefined) return fieldTests.anyOf([one]);
  const integer = match['integer'];
  if (typeof integer === 'number' || typeof integer === 'bigint') {
    return fieldTests.anyOf([BigInt(integer)]);
  }
  const any = listed(match, 'keywords', 'integers');
  if (any) return fieldTests.anyOf(any);
  return fieldTests.noneOf(listed(match, 'except_keywords', 'except_integers') ?? []);
}

function listed(match: Message, words: string, integers: string): PayloadValue[] | undefined {
  const texts = maybe.child(match, words);
  if (texts) return [...get.list<string>(texts, 'strings')];
  const numbers = maybe.child(match, integers);
  return numbers && get.list<number>(numbers, 'integers').map(BigInt);
}

function boundsOf(range: Message): Bounds {
  return {
    lt: maybe.number(range, 'lt'),
    gt: maybe.number(range, 'gt'),
    gte: maybe.number(range, 'gte'),
    lte: maybe.number(range, 'lte'),
  };
}

function timesOf(range: Message): Bounds {
  const time = (name: string) => {
    const stamp = maybe.child(range, name);
    return stamp && get.number(stamp, 'seconds') * 1000 + get.number(stamp, 'nanos') / 1e6;
  };
  return { lt: time('lt'), gt: time('gt'), gte: time('gte'), lte: time('lte') };
}

function placesOf(message: Message): FieldTest[] {
  const box = maybe.child(message, 'geo_bounding_box');
  const circle = maybe.child(message, 'geo_radius');
  const polygon = maybe.child(message, 'geo_polygon');
  const holds: ((place: Place) => boolean)[] = [];
  if (box) {
    const [from, to] = [placeOf(box, 'top_left'), placeOf(box, 'bottom_right')];
    holds.push((place) => inBox(from, to, place));
  }
  if (circle) {
    const center = placeOf(circle, 'center');
    holds.push((place) => inRadius(center, get.number(circle, 'radius'), place));
  }
  if (polygon) {
    const exterior = ringOf(maybe.child(polygon, 'exterior') ?? {});
    const holes = get.list(polygon, 'interiors').map(ringOf);
    holds.push((at) => inRing(exterior, at) && !holes.some((hole) => inRing(hole, at)));
  }
  return holds.map((hold) => fieldTests.place((lat, lon) => hold({ lat, lon })));
}

function placeOf(message: Message, name: string): Place {
  return pointOf(maybe.child(message, name) ?? {});
}

function pointOf(message: Message): Place {
  return { lat: get.number(message, 'lat'), lon: get.number(message, 'lon') };
}

function ringOf(message: Message): Place[] {
  return get.list(message, 'points').map(pointOf);
}

function equal(test: FieldTest, wanted: boolean): FieldTest {
  return (values) => test(values) === wanted;
}
