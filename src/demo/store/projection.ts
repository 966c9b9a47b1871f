import { type PayloadPath, parsePath, replacedAt } from './payload-path.ts';
import { isPayload, type Payload, type PayloadValue, type Vectors } from './point.ts';

/** Which part of a payload an answer carries. */
export type PayloadSelector =
  | boolean
  | { readonly include: readonly string[] }
  | { readonly exclude: readonly string[] };

/** Which vectors an answer carries. */
export type VectorSelector = boolean | readonly string[];

/** The selected part of a payload, or nothing where none was asked for. */
export function selectedPayload(payload: Payload, selector: PayloadSelector): Payload | undefined {
  if (typeof selector === 'boolean') return selector ? payload : undefined;
  if ('include' in selector) return included(payload, selector.include.map(parsePath));
  return selector.exclude
    .map(parsePath)
    .reduce((rest, path) => replacedAt(rest, path, () => undefined), payload);
}

/** The selected vectors, or nothing where none were asked for. */
export function selectedVectors(vectors: Vectors, selector: VectorSelector): Vectors | undefined {
  if (selector === false) return undefined;
  if (selector === true) return vectors;
  return new Map([...vectors].filter(([name]) => selector.includes(name)));
}

function included(payload: Payload, paths: readonly PayloadPath[]): Payload {
  const kept = new Map<string, PayloadValue>();
  for (const [key, value] of payload) {
    const deeper = paths.filter((path) => path[0]?.key === key).map((path) => path.slice(1));
    if (deeper.length === 0) continue;
    const part = deeper.some((path) => path.length === 0) ? value : innerPart(value, deeper);
    if (part !== undefined) kept.set(key, part);
  }
  return kept;
}

function innerPart(value: PayloadValue, paths: readonly PayloadPath[]): PayloadValue | undefined {
  if (isPayload(value)) return included(value, paths);
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item: PayloadValue) => {
    const part = innerPart(item, paths);
    return part === undefined ? [] : [part];
  });
}
