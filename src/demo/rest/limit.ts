import { Failure } from '../failure.ts';

/** A limit, or the refusal of one that asks for nothing. */
export function atLeastOne(limit: number | undefined, path: string, otherwise = 10): number {
  if (limit !== 0) return limit ?? otherwise;
  const message = `Validation error in JSON body: [${path}: value 0 invalid, must be 1 or larger]`;
  throw new Failure('invalid', message);
}
