import { parsePath, valuesAt } from './payload-path.ts';
import { isPayload, type Payload, type PayloadValue, type PointId, type Vectors } from './point.ts';

/** What a condition looks at. */
export interface Subject {
  readonly id: PointId;
  readonly payload: Payload;
  readonly vectors: Vectors;
}

/** A condition, ready to be asked of a point. */
export type Condition = (subject: Subject) => boolean;

/** The clauses of a filter; an empty one holds of every point. */
export interface Clauses {
  readonly must: readonly Condition[];
  readonly should: readonly Condition[];
  readonly mustNot: readonly Condition[];
  readonly minShould: { readonly conditions: readonly Condition[]; readonly count: number } | null;
}

/** A question asked of all the values that a key reaches. */
export type FieldTest = (values: readonly PayloadValue[]) => boolean;

/** The condition that a filter as a whole is. */
export function filterOf({ must, should, mustNot, minShould }: Clauses): Condition {
  return (subject) =>
    must.every((condition) => condition(subject)) &&
    (should.length === 0 || should.some((condition) => condition(subject))) &&
    !mustNot.some((condition) => condition(subject)) &&
    (minShould === null ||
      minShould.conditions.filter((condition) => condition(subject)).length >= minShould.count);
}

/** A condition on the values of one payload key: any of the tests may hold. */
export function fieldCondition(key: string, tests: readonly FieldTest[]): Condition {
  const path = parsePath(key);
  return ({ payload }) => {
    const values = valuesAt(payload, path);
    return tests.some((test) => test(values));
  };
}

/** A filter that one element of an array has to satisfy as a whole. */
export function nestedCondition(key: string, inner: Condition): Condition {
  const path = parsePath(key.endsWith('[]') ? key : `${key}[]`);
  return (subject) =>
    valuesAt(subject.payload, path).some(
      (value) => isPayload(value) && inner({ ...subject, payload: value }),
    );
}
