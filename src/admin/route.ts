import type { z } from 'zod';
import type { AdminRole, Caller } from './administrator.ts';
import type { Reply } from './port.ts';

/** One call, read and allowed. */
export interface AdminCall<Q = unknown, B = unknown> {
  /** Null on routes that are open. */
  readonly caller: Caller | null;
  /** Our own id of the request. */
  readonly id: string;
  /** What stands for the one `{…}` of the path; empty where it has none. */
  readonly target: string;
  readonly query: Q;
  readonly body: B;
}

/** What an answer is, for the description. */
export interface Described {
  readonly description: string;
  /** Null: text, or nothing worth describing. */
  readonly schema: z.ZodType | null;
}

/** One thing that the admin port does: the source of what is served and of how it is described. */
export interface AdminRoute {
  /** `keys.create`: the audit log has it as `admin.keys.create`. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** `/keys/{id}/revoke`; at most one `{…}`. */
  readonly path: string;
  readonly summary: string;
  /** Null: open to whoever reaches the port, and not recorded. */
  readonly role: AdminRole | null;
  /** Whether it changes anything: recorded on the disk before it is done. */
  readonly changes: boolean;
  /** Whether it asks for a fresh credential. */
  readonly fresh: boolean;
  /** Null: it takes none. */
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  readonly answers: Readonly<Record<number, Described>>;
  /** Whether what the path names is there; what is not may be a secret that was pasted by mistake,
   * and stands in no record. */
  knows(target: string): boolean | Promise<boolean>;
  run(call: AdminCall): Reply | Promise<Reply>;
}

type Output<T> = T extends z.ZodType ? z.output<T> : null;

interface Written<Q extends z.ZodType | null, B extends z.ZodType | null>
  extends Omit<AdminRoute, 'changes' | 'fresh' | 'query' | 'body' | 'knows' | 'run'> {
  readonly fresh?: boolean;
  readonly query?: Q;
  readonly body?: B;
  /** Left out where the path names nothing. */
  readonly knows?: AdminRoute['knows'];
  run(call: AdminCall<Output<Q>, Output<B>>): Reply | Promise<Reply>;
}

/** A route whose `run` gets what its schemas make of the query and the body. */
export function adminRoute<Q extends z.ZodType | null = null, B extends z.ZodType | null = null>(
  written: Written<Q, B>,
): AdminRoute {
  const { fresh = false, query = null, body = null, run, ...rest } = written;
  return {
    knows: () => false,
    ...rest,
    fresh,
    query,
    body,
    changes: rest.method === 'POST',
    run: (call) => run(call as AdminCall<Output<Q>, Output<B>>),
  };
}

/** What stands at a path: its routes by method, and what the path names. Null: nothing. */
export interface Place {
  readonly routes: readonly AdminRoute[];
  readonly target: string;
}

/** An id of a key. */
const targetShape = /^[0-9A-Za-z]{1,32}$/;

/** Finds routes by exact paths; a name in a path is letters and digits, never escaped. */
export function placesOf(routes: readonly AdminRoute[]): (path: string) => Place | null {
  const exact = Map.groupBy(routes, ({ path }) => path);
  const patterns = [...exact.keys()]
    .filter((path) => path.includes('{'))
    .map((path) => [path, path.split('/')] as const);
  return function placeAt(path) {
    const known = path.includes('{') ? undefined : exact.get(path);
    if (known) return { routes: known, target: '' };
    const steps = path.split('/', 8);
    for (const [pattern, wanted] of patterns) {
      if (wanted.length !== steps.length) continue;
      const at = wanted.findIndex((step) => step.startsWith('{'));
      const target = steps[at] ?? '';
      const fits = wanted.every((step, index) => index === at || step === steps[index]);
      if (fits && targetShape.test(target)) return { routes: exact.get(pattern) ?? [], target };
    }
    return null;
  };
}
