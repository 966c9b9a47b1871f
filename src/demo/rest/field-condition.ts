import { firstOf, mapped } from '../json/alternatives.ts';
import { unexpected } from '../json/error.ts';
import { numberOf } from '../json/node.ts';
import { list, type Read, scalars } from '../json/read.ts';
import { field, type Shaped, struct } from '../json/struct.ts';
import { type Bounds, fieldTests, type TextMatch } from '../store/field-test.ts';
import type { FieldTest } from '../store/filter.ts';
import { inBox, inRadius, inRing } from '../store/geo.ts';

const integer: Read<bigint> = (node, mode) => {
  const value = node.kind === 'number' ? numberOf(node.raw) : undefined;
  if (typeof value !== 'bigint') throw unexpected(node, 'i64', mode);
  return value;
};

const oneValue = firstOf<string | bigint | boolean>(
  'data did not match any variant of untagged enum ValueVariants',
  scalars.string,
  integer,
  scalars.boolean,
);

const manyValues = firstOf<readonly (string | bigint)[]>(
  'data did not match any variant of untagged enum AnyVariants',
  list(scalars.string),
  list(integer),
);

function textMatch(how: TextMatch): Read<FieldTest> {
  return mapped(struct(how, { [how]: field.required(scalars.string) }), (read) =>
    fieldTests.text(how, String(read[how])),
  );
}

const match = firstOf<FieldTest>(
  'data did not match any variant of untagged enum MatchInterface',
  mapped(struct('MatchValue', { value: field.required(oneValue) }), ({ value }) =>
    fieldTests.anyOf([value]),
  ),
  textMatch('text'),
  textMatch('text_any'),
  textMatch('phrase'),
  textMatch('prefix'),
  mapped(struct('MatchAny', { any: field.required(manyValues) }), ({ any }) =>
    fieldTests.anyOf(any),
  ),
  mapped(struct('MatchExcept', { except: field.required(manyValues) }), ({ except }) =>
    fieldTests.noneOf(except),
  ),
);

function bounds<T>(name: string, read: Read<T>) {
  return struct(name, {
    lt: field.optional(read),
    gt: field.optional(read),
    gte: field.optional(read),
    lte: field.optional(read),
  });
}

const time: Read<number> = (node, mode) => {
  const read = Date.parse(scalars.string(node, mode));
  if (Number.isNaN(read)) throw unexpected(node, 'a datetime string', mode);
  return read;
};

const range = firstOf<FieldTest>(
  'data did not match any variant of untagged enum RangeInterface',
  mapped(bounds<number>('Range', scalars.float), (read: Bounds) => fieldTests.range(read)),
  mapped(bounds('Range', time), (read: Bounds) => fieldTests.datetime(read)),
);

const place = struct('GeoPoint', {
  lon: field.required(scalars.float),
  lat: field.required(scalars.float),
});

const box = struct('GeoBoundingBox', {
  top_left: field.required(place),
  bottom_right: field.required(place),
});

const radius = struct('GeoRadius', {
  center: field.required(place),
  radius: field.required(scalars.float),
});

const ring = struct('GeoLineString', { points: field.required(list(place)) });

const polygon = struct('GeoPolygon', {
  exterior: field.required(ring),
  interiors: field.optional(list(ring)),
});

/** The shape of a condition on a payload key. */
export const fieldShape = {
  key: field.required(scalars.string),
  match: field.optional(match),
  range: field.optional(range),
  geo_bounding_box: field.optional(box),
  geo_radius: field.optional(radius),
  geo_polygon: field.optional(polygon),
  values_count: field.optional(bounds('ValuesCount', scalars.size)),
  is_empty: field.optional(scalars.boolean),
  is_null: field.optional(scalars.boolean),
};

/** The tests that such a condition stands for. */
export function testsOf(read: Shaped<typeof fieldShape>): readonly FieldTest[] {
  const { geo_bounding_box: box, geo_radius: circle, geo_polygon: area } = read;
  const tests = [
    read.match,
    read.range,
    box && fieldTests.place((lat, lon) => inBox(box.top_left, box.bottom_right, { lat, lon })),
    circle && fieldTests.place((lat, lon) => inRadius(circle.center, circle.radius, { lat, lon })),
    area &&
      fieldTests.place(
        (lat, lon) =>
          inRing(area.exterior.points, { lat, lon }) &&
          !(area.interiors ?? []).some(({ points }) => inRing(points, { lat, lon })),
      ),
    read.values_count && fieldTests.valuesCount(read.values_count),
    read.is_empty === undefined ? undefined : equal(fieldTests.isEmpty, read.is_empty),
    read.is_null === undefined ? undefined : equal(fieldTests.isNull, read.is_null),
  ];
  return tests.filter((test) => test !== undefined);
}

function equal(test: FieldTest, wanted: boolean): FieldTest {
  return (values) => test(values) === wanted;
}
