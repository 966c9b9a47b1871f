import { type Path, problemAt } from '../document.ts';
import type { Problem } from '../problem.ts';
import type { Limits, SweepLimit } from './limits.ts';
import { covers } from './reach.ts';
import type { Role, Rule } from './role.ts';

/** How many points each collection has, as far as somebody said. */
export type Sizes = ReadonlyMap<string, number>;

/** From how many points on a collection is worth a limit. */
const large = 1_000_000;

/** Limits that can never bind, as those of the same role are as tight, and large collections that
 * can be read without any. */
export function lintLimits(role: Role, sizes: Sizes): readonly Problem[] {
  return [
    ...role.allow.flatMap((rule) => [...unbinding(role, rule), ...neverLowering(role, rule)]),
    ...unlimited(role, sizes),
    ...stoppingLate(role),
    ...beyondSelf(role, role.limits?.limits ?? null, ['limits']),
    ...role.allow.flatMap((rule) => {
      return beyondSelf(role, rule.limits?.limits ?? null, [...rule.path, 'limits']);
    }),
  ];
}

/** What a rule limits no tighter than its role does: whoever is held to the one is to the other. */
function unbinding(role: Role, rule: Rule): readonly Problem[] {
  const [inner, outer] = [rule.limits?.limits, role.limits?.limits];
  if (!inner || !outer || inner.each !== outer.each) return [];
  const path = [...rule.path, 'limits'];
  const loose = inner.rates.filter((rate) => {
    const other = outer.rates.find(({ measure }) => measure === rate.measure);
    return other && other.burst <= rate.burst && speedOf(other) <= speedOf(rate);
  });
  const found = loose.map(({ measure }) => keyOf(measure));
  if (sweepsLess(outer.sweep, inner.sweep)) found.push(['sweep']);
  const [results, most] = [inner.extent?.results ?? null, outer.extent?.results ?? null];
  if (results !== null && most !== null && most <= results) {
    found.push(['results']);
  }
  return found.map((key) => {
    const message = 'this can never bind: the limits of the role are as tight';
    return problemAt(role.document, [...path, ...key], message, 'Lower it, or remove it');
  });
}

/** Whether a sweep that is to stop, or to alarm alone as the other, is as tight as the other. */
function sweepsLess(one: SweepLimit | null, other: SweepLimit | null): boolean {
  if (!one || !other || (one.exceed === 'alarm' && other.exceed === 'stop')) return false;
  return one.units <= other.units && one.units / one.period <= other.units / other.period;
}

/** A rule that lowers what its role refuses: nothing is lowered where one of both refuses. */
function neverLowering(role: Role, rule: Rule): readonly Problem[] {
  const [inner, outer] = [rule.limits?.limits.extent, role.limits?.limits.extent];
  if (!outer || inner?.exceed !== 'lower' || outer.exceed === 'lower') return [];
  const message = 'this lowers nothing: the limits of the role refuse whoever asks for more';
  const remedy = 'Write exceed: lower in the limits of the role too, or remove it';
  return [problemAt(role.document, [...rule.path, 'limits', 'exceed'], message, remedy)];
}

/** Sweeps that are to stop where one request may ask for everything: it is the next that is
 * refused. */
function stoppingLate(role: Role): readonly Problem[] {
  const stops = (placed: Role['limits']) => placed?.limits.sweep?.exceed === 'stop';
  const isShort = (placed: Role['limits']) => (placed?.limits.extent?.results ?? null) !== null;
  if (isShort(role.limits)) return [];
  const open = role.allow.filter(({ actions, limits }) => actions.has('read') && !isShort(limits));
  const late: Path[] = open.filter(({ limits }) => stops(limits)).map(({ path }) => path);
  if (stops(role.limits) && open.length > 0) late.push([]);
  return late.map((path) => {
    const message = 'a sweep stops the next request, and one alone may ask for everything';
    const remedy = 'Add results: 100 and concurrent: 16, or what the service needs';
    return problemAt(role.document, [...path, 'limits', 'sweep'], message, remedy);
  });
}

/** More requests under way than may be asked for at once. */
function beyondSelf(role: Role, limits: Limits | null, path: Path): readonly Problem[] {
  const rate = limits?.rates.find(({ measure }) => measure === 'requests');
  const places = limits?.rates.find(({ measure }) => measure === 'concurrent');
  if (!rate || !places || rate.period < 60_000 || places.units < rate.burst) return [];
  const message = 'concurrent can hardly bind: fewer requests than that may be asked for';
  return [problemAt(role.document, [...path, 'concurrent'], message, 'Lower it, or remove it')];
}

function unlimited(role: Role, sizes: Sizes): readonly Problem[] {
  if (bounds(role.limits)) return [];
  const big = [...sizes].filter(([, points]) => points >= large);
  return role.allow.flatMap((rule) => {
    if (bounds(rule.limits) || !rule.actions.has('read')) return [];
    const some = role.limits !== null || rule.limits !== null;
    const reached = big.filter(([name]) => {
      return (rule.collections ?? []).some(({ text }) => covers(text, name));
    });
    return reached.map(([name, points]) => {
      const how = some ? 'its limits let all of them be read' : 'nothing limits how many are read';
      const message = `${name} has ${points} points, and ${how}`;
      const remedy = some
        ? 'Add sweep: { share: 20%/d, exceed: alarm } to the limits, or budget: { points: 100000/d }'
        : 'Add limits: { results: 1000, budget: { points: 100000/d } }';
      return problemAt(role.document, rule.path, message, remedy);
    });
  });
}

/** Whether limits bound how much is read in all. */
function bounds(placed: Role['limits']): boolean {
  if (!placed) return false;
  const { rates, sweep } = placed.limits;
  return sweep !== null || rates.some(({ measure }) => measure === 'points' || measure === 'bytes');
}

function speedOf({ units, period }: Limits['rates'][number]): number {
  return period === 0 ? 0 : units / period;
}

function keyOf(measure: Limits['rates'][number]['measure']): readonly string[] {
  return measure === 'points' || measure === 'bytes' ? ['budget', measure] : [measure];
}
