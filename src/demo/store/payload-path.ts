import { isPayload, type Payload, type PayloadValue } from './point.ts';

interface PathStep {
  readonly key: string;
  readonly elements: readonly (number | 'all')[];
}

/** A path into a payload, such as `a.b[].c[0]`. */
export type PayloadPath = readonly PathStep[];

/** Reads a path as written in a filter or a selector. */
export function parsePath(text: string): PayloadPath {
  const steps: PathStep[] = [];
  const step = /(?:"([^"]*)"|([^."[\]]+))((?:\[\d*\])*)(?:\.|$)/y;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    if (!found) return [{ key: text, elements: [] }];
    const elements = (found[3] ?? '').match(/\d+|\[\]/g) ?? [];
    steps.push({
      key: found[1] ?? found[2] ?? '',
      elements: elements.map((element) => (element === '[]' ? 'all' : Number(element))),
    });
  }
  return steps;
}

/** Every value that a path reaches. */
export function valuesAt(payload: Payload, path: PayloadPath): PayloadValue[] {
  let values: PayloadValue[] = [payload];
  for (const { key, elements } of path) {
    values = values.flatMap((value) => {
      const found = isPayload(value) ? value.get(key) : undefined;
      return found === undefined ? [] : [found];
    });
    for (const element of elements) values = values.flatMap((value) => elementsOf(value, element));
  }
  return values;
}

function elementsOf(value: PayloadValue, element: number | 'all'): readonly PayloadValue[] {
  if (!Array.isArray(value)) return [];
  if (element === 'all') return value;
  return element < value.length ? [value[element]] : [];
}

/** The payload with another value where the path leads; missing objects are made. */
export function replacedAt(
  payload: Payload,
  path: PayloadPath,
  change: (value: PayloadValue | undefined) => PayloadValue | undefined,
): Payload {
  const [step, ...rest] = path;
  if (!step) return payload;
  const copy = new Map(payload);
  const inner = (value: PayloadValue | undefined): PayloadValue | undefined => {
    if (rest.length === 0) return change(value);
    if (isPayload(value)) return replacedAt(value, rest, change);
    const made = replacedAt(new Map(), rest, change);
    return made.size > 0 ? made : value;
  };
  const value = replacedElements(copy.get(step.key), step.elements, inner);
  if (value === undefined) copy.delete(step.key);
  else copy.set(step.key, value);
  return copy;
}

function replacedElements(
  value: PayloadValue | undefined,
  elements: PathStep['elements'],
  change: (value: PayloadValue | undefined) => PayloadValue | undefined,
): PayloadValue | undefined {
  const [element, ...rest] = elements;
  if (element === undefined) return change(value);
  if (!Array.isArray(value)) return value;
  return value.flatMap((item: PayloadValue, at: number) => {
    if (element !== 'all' && element !== at) return [item];
    const changed = replacedElements(item, rest, change);
    return changed === undefined ? [] : [changed];
  });
}
