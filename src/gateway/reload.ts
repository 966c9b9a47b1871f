import { isDeepStrictEqual as isSame } from 'node:util';
import type { Part, PartState } from '../admin/state.ts';
import type { AuditLog } from '../audit/audit.ts';
import { Misconfigured, type Problem, problemLine } from '../problem.ts';

/** One part of the configuration that can be replaced while the gateway runs. */
export interface ReloadablePart {
  readonly part: Part;
  /** Null where the part belongs to all upstreams. */
  readonly upstream: string | null;
  /** Whose keys they are, of the part `issuers`. */
  readonly issuer?: string;
  /** The files and folders it is read from. */
  readonly paths: readonly string[];
  /** The audit event of its replacement: `….changed`; where it is refused, `….refused` is
   * recorded. */
  readonly event: string;
  /** `sha256:…` over what is in force. */
  version(): string;
  /** Digests of pieces whose changes have events of their own, by these. */
  within?(): Readonly<Record<string, string>>;
  /** Reads it anew and puts it in force, whole or not at all. Throws `Misconfigured`. */
  load(): void;
}

/** What reloading tells others. */
export interface ReloadWitness {
  readonly audit: Pick<AuditLog, 'configured'>;
  /** Told of every reload that changed something or was refused. */
  reloaded(part: ReloadablePart, problems: readonly Problem[]): void;
}

/** The parts in force, and what became of the last reload of each. */
export interface Reloader {
  readonly states: readonly PartState[];
  /** Reloads one part. Gives what stood against it; a part that did not change is left alone. */
  reload(part: ReloadablePart): readonly Problem[];
  /** Reloads every part of this kind. */
  reloadPart(kind: Part): readonly Problem[];
  reloadAll(): readonly Problem[];
}

/** Makes the reloader of these parts, which are in force already: the log is told what they are. */
export function makeReloader(parts: readonly ReloadablePart[], witness: ReloadWitness): Reloader {
  const states = new Map<ReloadablePart, PartState>();
  for (const part of parts) {
    states.set(part, inForce(part));
    tell(part, part.event.replace('.changed', '.loaded'));
  }

  function tell({ upstream, version }: ReloadablePart, event: string, reason?: string): void {
    const told = { event, upstream, digest: version() };
    witness.audit.configured(reason === undefined ? told : { ...told, reason });
  }

  function tellPieces(part: ReloadablePart, before: Readonly<Record<string, string>>): void {
    for (const [event, digest] of Object.entries(part.within?.() ?? {})) {
      if (digest === before[event]) continue;
      witness.audit.configured({ event, upstream: part.upstream, digest });
    }
  }

  function reload(part: ReloadablePart): readonly Problem[] {
    const before = part.version();
    const pieces = part.within?.() ?? {};
    const problems = problemsOf(part);
    const known = states.get(part) ?? inForce(part);
    if (problems.length > 0) {
      const failure = { at: new Date().toISOString(), problems };
      states.set(part, { ...known, failure });
      // What is tried again and again, as an issuer that is down, is recorded once.
      if (!isSame(problems, known.failure?.problems)) {
        tell(part, part.event.replace('.changed', '.refused'), problems.map(problemLine).join(' '));
      }
    } else if (part.version() !== before) {
      states.set(part, inForce(part));
      tell(part, part.event);
      tellPieces(part, pieces);
    } else {
      states.set(part, { ...known, failure: null });
      return problems;
    }
    witness.reloaded(part, problems);
    return problems;
  }

  return {
    get states() {
      return [...states.values()];
    },
    reload,
    reloadPart: (kind) => parts.filter(({ part }) => part === kind).flatMap(reload),
    reloadAll: () => parts.flatMap(reload),
  };
}

function inForce(part: ReloadablePart): PartState {
  return {
    part: part.part,
    upstream: part.upstream,
    ...(part.issuer === undefined ? {} : { issuer: part.issuer }),
    version: part.version(),
    loadedAt: new Date().toISOString(),
    failure: null,
  };
}

/** Whatever goes wrong, what is in force stays. */
function problemsOf(part: ReloadablePart): readonly Problem[] {
  try {
    part.load();
    return [];
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    const message = error instanceof Error ? error.message : String(error);
    const file = part.paths[0] ?? part.part;
    return [{ file, line: null, path: '', message, remedy: 'Mend it; what was in force stays' }];
  }
}
