/** A row reached by a method and a path pattern: `POST`,
 * `/collections/{collection_name}/points`. */
export interface Route<R> {
  readonly method: string;
  readonly pattern: string;
  readonly row: R;
}

/** One step of the routes of one method. A literal also leads where the parameter beside it would,
 * so that finding a route never turns back. */
interface Step<R> {
  readonly literals: Map<string, Step<R>>;
  parameter: Step<R> | null;
  row: R | null;
}

/** The routes of a catalogue: method, then path, one look-up for each segment. */
export type Routes<R> = ReadonlyMap<string, Step<R>>;

/** Builds the table of routes. Throws `TypeError` where two rows claim one route. */
export function buildRoutes<R>(routes: readonly Route<R>[]): Routes<R> {
  const table = new Map<string, Step<R>>();
  for (const { method, pattern, row } of routes) {
    let step = table.get(method) ?? emptyStep<R>();
    table.set(method, step);
    for (const segment of patternSegments(pattern)) step = stepInto(step, segment);
    if (step.row !== null) throw new TypeError(`two rows claim ${method} ${pattern}`);
    step.row = row;
  }
  for (const step of table.values()) shareParameters(step);
  return table;
}

/** The row of this method and these decoded path segments; null where there is none. */
export function findRoute<R>(
  routes: Routes<R>,
  method: string,
  segments: readonly string[],
): R | null {
  let step = routes.get(method);
  for (let at = 0; step && at < segments.length; at++) {
    step = step.literals.get(segments[at] as string) ?? step.parameter ?? undefined;
  }
  return step?.row ?? null;
}

/** The segments of a path pattern: none for `/`. */
export function patternSegments(pattern: string): string[] {
  return pattern === '/' ? [] : pattern.slice(1).split('/');
}

function emptyStep<R>(): Step<R> {
  return { literals: new Map(), parameter: null, row: null };
}

function stepInto<R>(step: Step<R>, segment: string): Step<R> {
  if (segment.startsWith('{')) {
    step.parameter ??= emptyStep();
    return step.parameter;
  }
  const next = step.literals.get(segment) ?? emptyStep<R>();
  step.literals.set(segment, next);
  return next;
}

function shareParameters<R>(step: Step<R>): void {
  for (const literal of step.literals.values()) {
    if (step.parameter) mergeMissing(literal, step.parameter);
    shareParameters(literal);
  }
  if (step.parameter) shareParameters(step.parameter);
}

/** Gives `step` every way on that `other` has and it lacks. */
function mergeMissing<R>(step: Step<R>, other: Step<R>): void {
  step.row ??= other.row;
  for (const [segment, next] of other.literals) {
    const own = step.literals.get(segment);
    if (own) mergeMissing(own, next);
    else step.literals.set(segment, copy(next));
  }
  if (!other.parameter) return;
  if (step.parameter) mergeMissing(step.parameter, other.parameter);
  else step.parameter = copy(other.parameter);
}

function copy<R>(step: Step<R>): Step<R> {
  const fresh = emptyStep<R>();
  mergeMissing(fresh, step);
  return fresh;
}
