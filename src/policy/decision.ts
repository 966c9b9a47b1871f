import type { Need, View } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';

/** What policy says about one need, as plain data; made once per identity, operation and name. */
export interface Decision {
  readonly effect: 'allow' | 'deny';
  /** `policies/search.yaml:3`: the rule that decided; null where no rule spoke (default deny), or
   * where none is needed. */
  readonly rule: string | null;
}

/** The policies of one reload, compiled for one identity. Deciding allocates nothing. */
export interface Grants extends View {
  decide(need: Need): Decision;
}

/** Whoever is judged; without `labels` it has none. */
export interface Subject extends Pick<Identity, 'roles' | 'claims'> {
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
