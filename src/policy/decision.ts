import type { Extent, Need, View } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { Quota } from './quota.ts';

/** What policy says about one need, as plain data; made once per identity, operation and name. */
export interface Decision {
  readonly effect: 'allow' | 'deny';
  /** `policies/search.yaml:3`: the rule that decided; null where no rule spoke (default deny), or
   * where none is needed. */
  readonly rule: string | null;
  /** Every limit that counts for what is allowed; left out where there is none. */
  readonly quotas?: readonly Quota[];
  /** What the answer to it may carry; left out where nothing limits it. */
  readonly extent?: Extent;
}

/** The policies of one reload, compiled for one identity. Deciding allocates nothing. */
export interface Grants extends View {
  decide(need: Need): Decision;
  /** Those of the identity's roles that policies know. */
  readonly roles?: readonly string[];
  /** What limits the identity; null or left out where nothing does. */
  readonly limiting?: Limited | null;
}

/** The limits of one identity. */
export interface Limited {
  /** Those that count for everything it does. */
  readonly quotas: readonly Quota[];
  /** Whether anything limits what answers to it carry. */
  readonly confined: boolean;
  /** Those of its rules and its sweeps, for what it has asked so far. */
  ruleQuotas(): readonly Quota[];
}

/** Whoever is judged; without `labels` it has none. `kind`, `id` and `name` tell whose counts are
 * meant. */
export interface Subject
  extends Pick<Identity, 'roles' | 'claims'>,
    Partial<Pick<Identity, 'kind' | 'id' | 'name'>> {
  readonly labels?: Identity['labels'];
  readonly beside?: Subject;
}

/** The policies of one upstream, as loaded. */
export interface Policy {
  /** `sha256:…` over the files, for the audit record. */
  readonly digest: string;
  /** Compiled once for each identity object. */
  grantsFor(identity: Subject): Grants;
}
