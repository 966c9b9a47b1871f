/** What no two answers have in common, or what depends on chance. */
const unstable = new Set(['time', 'checksum', 'size', 'creationTime', 'creation_time']);

/** Where two answers differ, as sentences; empty if they say the same. */
export function differences(expected: unknown, actual: unknown, path = '$'): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const near = Math.abs(expected - actual) <= 2e-6 * Math.max(1, Math.abs(expected));
    return near ? [] : [`${path}: ${expected} was ${actual}`];
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) {
      return [`${path}: ${JSON.stringify(expected)} was ${JSON.stringify(actual)}`];
    }
    const [left, right] = [settled(expected), settled(actual)];
    return left.flatMap((item, at) => differences(item, right[at], `${path}[${at}]`));
  }
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) =>
      unstable.has(key) && key in expected === key in actual
        ? []
        : differences(expected[key], actual[key], `${path}.${key}`),
    );
  }
  if (isSnapshotName(expected) && isSnapshotName(actual)) return [];
  return Object.is(expected, actual)
    ? []
    : [`${path}: ${JSON.stringify(expected)} was ${JSON.stringify(actual)}`];
}

/** Aliases come in no order; points of equal score come in any. */
function settled(items: readonly unknown[]): readonly unknown[] {
  const sortable = items.every(
    (item) => isObject(item) && ('alias_name' in item || 'aliasName' in item || 'score' in item),
  );
  if (!sortable) return items;
  return items
    .map((item) => ({ item, key: orderOf(item as Record<string, unknown>) }))
    .sort((a, b) => a.key[0] - b.key[0] || (a.key[1] < b.key[1] ? -1 : 1))
    .map(({ item }) => item);
}

function orderOf(item: Record<string, unknown>): readonly [number, string] {
  const score = typeof item['score'] === 'number' ? -Math.round(item['score'] * 1e5) : 0;
  return [score, JSON.stringify(item['alias_name'] ?? item['aliasName'] ?? item['id'] ?? '')];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSnapshotName(value: unknown): boolean {
  return typeof value === 'string' && /^[\w-]+-\d+-[\d-]+\.snapshot$/.test(value);
}
