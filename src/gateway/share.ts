import type { HeldBytesOptions } from '../limits/held.ts';
import { availableMemory } from '../limits/memory.ts';
import { makePlaces } from '../limits/places.ts';
import { tellScarcity } from '../limits/scarce.ts';
import { makeSharedCounts } from '../limits/shared-counts.ts';
import { storeNeighbours } from '../proxy/store-neighbours.ts';
import type { Store } from '../store/store.ts';
import type { UpstreamParts } from './upstream.ts';
import type { Siblings } from './workers/line.ts';

/** What this process shares with others. */
export interface Shares {
  readonly store: Store | null;
  readonly siblings: Siblings | null;
}

/** What an upstream shares with the same one behind other gateways and in other processes: through
 * the store, where there is one, which is theirs all. */
export function shareOf(
  { store, siblings }: Shares,
  upstream: string,
): Required<Pick<UpstreamParts, 'store' | 'counts' | 'places' | 'scarcity' | 'neighbours'>> {
  // A store knows of no places.
  const places = siblings && makePlaces(siblings.neighbours, upstream);
  if (!store) {
    const counts = siblings?.counts(upstream) ?? null;
    const neighbours = siblings?.neighbours ?? null;
    const scarcity = neighbours && tellScarcity(neighbours, upstream);
    return { store, counts, places, scarcity, neighbours };
  }
  const now = () => performance.now();
  const counts = makeSharedCounts({ store, upstream, now });
  const neighbours = storeNeighbours(store);
  return { store, counts, places, scarcity: tellScarcity(neighbours, upstream), neighbours };
}

/** How much of bodies one of several processes holds: a fixed part of what one alone would. So no
 * body waits for another process, and nothing is lost with one that dies. */
export function heldBy(siblings: Siblings | null): HeldBytesOptions {
  return siblings ? { capacity: Math.floor(availableMemory() / 4 / siblings.crew.count) } : {};
}
