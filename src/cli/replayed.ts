import type { Told } from '../audit/story.ts';
import type { Decision, Subject } from '../policy/decision.ts';
import { isPolicyReason } from '../policy/denial.ts';
import type { RecordedReference, Replay } from '../policy/replay.ts';

/** What one principal would gain or lose. */
export interface Change {
  readonly principal: string;
  readonly name: string;
  readonly upstream: string;
  readonly operation: string;
  readonly collections: readonly string[];
  /** How many requests it concerns. */
  count: number;
  /** The rule that would decide; null: none would allow it. */
  readonly rule: string | null;
  /** Some of those requests, by id. */
  readonly requests: string[];
}

/** What other policies would change. */
export interface Changes {
  /** Decisions that were judged again, and those that could not be. */
  readonly judged: number;
  readonly undecided: number;
  readonly gained: readonly Change[];
  readonly lost: readonly Change[];
}

/** Takes records, and tells in the end what would change. */
export interface Changing {
  take(record: Told): void;
  all(): Changes;
}

const requestsAtMost = 5;

/** Nothing taken yet. Only decisions of policy count: what was refused for another reason would be
 * again. */
export function changesOf(replay: Replay): Changing {
  const gained = new Map<string, Change>();
  const lost = new Map<string, Change>();
  const subjects = new Map<string, Subject | null>();
  let judged = 0;
  let undecided = 0;

  function subjectOf(principal: unknown): Subject | null {
    const key = JSON.stringify(principal);
    const known = subjects.get(key);
    if (known !== undefined) return known;
    const subject = toSubject(principal);
    subjects.set(key, subject);
    return subject;
  }

  return {
    take: (record) => {
      const before = decided(record);
      if (before === null) return;
      const count = Number(record['count'] ?? 1);
      const after = judgedAgain(replay, record, subjectOf(record['principal']));
      if (after === null) {
        undecided += count;
        return;
      }
      judged += count;
      if (after.effect !== before) note(before === 'deny' ? gained : lost, record, after, count);
    },
    all: () => ({ judged, undecided, gained: sorted(gained), lost: sorted(lost) }),
  };
}

function decided({ kind, ...record }: Told): Decision['effect'] | null {
  // What the admin port is asked for, no policy decides.
  if (String(record['event']).startsWith('admin.')) return null;
  if (kind === 'intent') return 'allow';
  const denied = kind === 'denial' || kind === 'failures';
  if (!denied || record['refusal'] !== 'not-permitted') return null;
  return isPolicyReason(String(record['reason'])) ? 'deny' : null;
}

function judgedAgain(replay: Replay, record: Told, subject: Subject | null): Decision | null {
  const operation = record['operation'];
  if (!subject || typeof operation !== 'string' || record['needsLeftOut'] !== undefined)
    return null;
  const collections = (record['collections'] ?? []) as readonly RecordedReference[];
  const databases = (record['databases'] ?? []) as readonly string[];
  const also = (record['also'] ?? []) as readonly string[];
  return replay({ subject, operation, collections, databases, also });
}

/** Null where the record leaves out what was decided by. */
function toSubject(principal: unknown): Subject | null {
  if (typeof principal !== 'object' || principal === null) return null;
  const { roles, claims = {}, labels = {}, beside } = principal as Partial<Subject>;
  if (!Array.isArray(roles) || claims === null) return null;
  const subject = { roles, claims, labels };
  if (beside === undefined) return subject;
  const other = toSubject(beside);
  return other && { ...subject, beside: other };
}

function note(into: Map<string, Change>, record: Told, { rule }: Decision, count: number): void {
  const { id = '', name = '' } = record['principal'] as { id?: string; name?: string };
  const collections = ((record['collections'] ?? []) as readonly RecordedReference[]).map(shown);
  const [upstream, operation] = [String(record['upstream']), String(record['operation'])];
  const key = JSON.stringify([id, upstream, operation, collections, rule]);
  const known = into.get(key);
  const who = { principal: id, name, upstream, operation, collections };
  const change = known ?? { ...who, count: 0, rule, requests: [] };
  into.set(key, change);
  change.count += count;
  const request = record['request'];
  if (typeof request === 'string' && change.requests.length < requestsAtMost) {
    change.requests.push(request);
  }
}

function shown({ named, resolved, database }: RecordedReference): string {
  const name = named === resolved ? named : `${named}→${resolved}`;
  return database === undefined ? name : `${database}/${name}`;
}

function sorted(changes: ReadonlyMap<string, Change>): readonly Change[] {
  return [...changes.values()].sort((one, other) => other.count - one.count);
}
