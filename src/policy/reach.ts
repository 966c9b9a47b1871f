const placeholder = /\{[^{}]*\}/g;

/** Whether every name that the pattern `narrow` matches is matched by `wide`, as far as their texts
 * show: true is certain, false is not. */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  const values = narrow.replace(placeholder, '\0');
  if (wide.includes('{') || (wide.includes('?') && /[*\0]/.test(values))) return false;
  return meet(wide, values, (one, other) => one === '?' || one === other, false);
}

/** Whether some name may be matched by both patterns. */
export function overlaps(one: string, other: string): boolean {
  const widened = other.replace(placeholder, '*');
  const same = (a: string, b: string) => a === b || a === '?' || b === '?';
  return meet(one.replace(placeholder, '*'), widened, same, true);
}

/**
 * Whether two texts can be brought together, where a `*` of the first takes any run of the second,
 * and `mutual`: one of the second any run of the first. `row[j]` says it of what was read of the
 * first and of `j` characters of the second.
 */
function meet(
  first: string,
  second: string,
  same: (a: string, b: string) => boolean,
  mutual: boolean,
): boolean {
  const takes = (b: string) => mutual && b === '*';
  let row = [true];
  for (const b of second) row.push(row.at(-1) === true && takes(b));
  for (const a of first) {
    const next = [row[0] === true && a === '*'];
    for (const [index, b] of [...second].entries()) {
      const run = (a === '*' || takes(b)) && (row[index + 1] === true || next[index] === true);
      next.push(run || (row[index] === true && same(a, b)));
    }
    row = next;
  }
  return row.at(-1) === true;
}
