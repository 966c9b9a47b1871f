/** A record as it is read back. */
export type Told = Readonly<Record<string, unknown>> & { readonly kind: string };

/** What to look for; what is not named matches all. */
export interface Wanted {
  /** An id or a name. */
  readonly principal?: string | undefined;
  /** A name as it was asked for, or what it resolved to. */
  readonly collection?: string | undefined;
  /** `data.query`, or `data.*`. */
  readonly event?: string | undefined;
  readonly decision?: string | undefined;
}

/** A record, and the intent that it follows where there is one. */
export interface Story {
  readonly record: Told;
  readonly intent: Told | null;
}

const openAtMost = 100_000;

/** Finds the records that are wanted. What follows an intent is found with it, as it says itself
 * neither who nor what. */
export interface StoryFinder {
  find(record: Told): Story | null;
  /** The wanted intents of which no end was found yet. */
  underWay(): readonly Told[];
}

/** A finder that has seen nothing yet. */
export function storyFinder(wanted: Wanted): StoryFinder {
  const open = new Map<unknown, Told>();
  return {
    find: (record) => {
      const request = record['request'];
      if (record.kind === 'intent' && open.size < openAtMost) open.set(request, record);
      const intent = record.kind === 'intent' ? null : (open.get(request) ?? null);
      if (record.kind === 'outcome' || record.kind === 'indeterminate') open.delete(request);
      return matches(wanted, intent ?? record) ? { record, intent } : null;
    },
    underWay: () => [...open.values()].filter((intent) => matches(wanted, intent)),
  };
}

function matches(wanted: Wanted, told: Told): boolean {
  const principal = told['principal'] as { id?: string; name?: string } | null | undefined;
  const collections = (told['collections'] ?? []) as { named?: string; resolved?: string }[];
  const { principal: who, collection: what, event, decision } = wanted;
  if (who !== undefined && principal?.id !== who && principal?.name !== who) return false;
  if (event !== undefined && !eventMatches(event, String(told['event']))) return false;
  if (decision !== undefined && told['decision'] !== decision) return false;
  if (what === undefined) return true;
  return collections.some(({ named, resolved }) => named === what || resolved === what);
}

function eventMatches(wanted: string, event: string): boolean {
  return wanted.endsWith('*') ? event.startsWith(wanted.slice(0, -1)) : event === wanted;
}
