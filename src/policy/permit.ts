import type { Extent, Intent, Need, Rebuilt } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { Refusal } from '../refusal.ts';
import type { Decision, Grants } from './decision.ts';
import { notPermitted } from './denial.ts';
import { bothExtents } from './extent.ts';
import type { Quota } from './quota.ts';

const proof = Symbol('made by a decision');

/** Proof of a positive decision. Only `authorise` makes one, and nothing is forwarded without. */
export class Permit {
  readonly identity: Identity;
  readonly intent: Intent;
  readonly grants: Grants;
  /** The rule that allowed the first need. */
  readonly rule: string | null;
  /** Every limit that counts for the request, each once. */
  readonly quotas: readonly Quota[];
  /** What the answer may carry; null: everything. */
  readonly extent: Extent | null;

  constructor(
    made: typeof proof,
    identity: Identity,
    intent: Intent,
    grants: Grants,
    rule: string | null,
    { quotas, extent }: Pick<Permit, 'quotas' | 'extent'>,
  ) {
    if (made !== proof) throw new TypeError('a Permit is made by a decision');
    this.identity = identity;
    this.intent = intent;
    this.grants = grants;
    this.rule = rule;
    this.quotas = quotas;
    this.extent = extent;
  }

  /** The same permit for a request that asks for less than the one that was judged. */
  lowered(request: Rebuilt): Permit {
    const { identity, intent, grants, rule } = this;
    if (request === intent.request) return this;
    return new Permit(proof, identity, { ...intent, request }, grants, rule, this);
  }
}

/** The first need that is denied, with the decision that denied it; null where all are allowed. */
function firstDenied(
  grants: Grants,
  needs: readonly Need[],
): { readonly need: Need; readonly decision: Decision } | null {
  for (const need of needs) {
    const decision = grants.decide(need);
    if (decision.effect === 'deny') return { need, decision };
  }
  return null;
}

/**
 * Judges an intent. The one place where a `Permit` is made.
 * Throws `Refusal` not-permitted, or the intent's own objection once every need is granted.
 */
export function authorise(identity: Identity, grants: Grants, intent: Intent): Permit {
  const denied = firstDenied(grants, intent.needs);
  if (denied) {
    const { instead } = intent;
    if (!instead || !allows(grants, instead.need)) {
      throw notPermitted(denied.need, denied.decision, grants);
    }
    if ('refusal' in instead) throw ruled(instead.refusal, denied.decision.rule);
    return authorise(identity, grants, instead.intent);
  }
  if (intent.objection) throw intent.objection;
  const first = intent.needs[0];
  const rule = first ? grants.decide(first).rule : null;
  return new Permit(proof, identity, intent, grants, rule, limitsOf(grants, intent.needs));
}

/** The limits of all needs together; those of everything are among those of each. */
function limitsOf(grants: Grants, needs: readonly Need[]): Pick<Permit, 'quotas' | 'extent'> {
  const [first] = needs;
  if (!first) return { quotas: grants.limiting?.quotas ?? [], extent: null };
  const decided = grants.decide(first);
  let extent = decided.extent ?? null;
  if (needs.length === 1) return { quotas: decided.quotas ?? [], extent };
  const all = new Map<string, Quota>();
  for (const need of needs) {
    const decision = grants.decide(need);
    extent = bothExtents(extent, decision.extent ?? null);
    for (const quota of decision.quotas ?? []) {
      if (!quota.sweep || need === first || isSwept(need, first)) all.set(quota.key, quota);
    }
  }
  return { quotas: [...all.values()], extent };
}

/** Whether points of what a further need is about are carried away: where only vectors are looked
 * up elsewhere they are not. */
function isSwept({ operation, collection }: Need, first: Need): boolean {
  const brought = operation.bringsLookups === true || operation.event === 'data.export';
  return brought || collection?.resolved === first.collection?.resolved;
}

/** Judges the needs that the head of a request tells. Throws `Refusal` not-permitted. */
export function screen(grants: Grants, needs: readonly Need[]): void {
  const denied = firstDenied(grants, needs);
  if (denied) throw notPermitted(denied.need, denied.decision, grants);
}

function allows(grants: Grants, need: Need): boolean {
  return grants.decide(need).effect === 'allow';
}

/** The same refusal, by a rule. */
function ruled({ code, message, http, grpc, told }: Refusal, rule: string | null): Refusal {
  return new Refusal(code, message, { http, grpc, told, rule });
}
