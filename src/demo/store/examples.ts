import { Failure } from '../failure.ts';
import { checkSize, rowsOf } from './changes.ts';
import { type Collection, distanceOf } from './collection.ts';
import { prepared } from './distance.ts';
import { isSparse, type PointId, type Vector } from './point.ts';
import type { Example, Query, Ranking } from './query.ts';
import { pointNamed } from './selection.ts';
import { collectionReferred, reached, type Session } from './storage.ts';

/** All the examples that a ranking names. */
function examplesOf(ranking: Ranking | undefined): readonly Example[] {
  switch (ranking?.kind) {
    case 'nearest':
      return [ranking.example];
    case 'recommend':
      return [...ranking.positive, ...ranking.negative];
    case 'discover': {
      const pairs = ranking.context.flatMap(({ positive, negative }) => [positive, negative]);
      return ranking.target ? [ranking.target, ...pairs] : pairs;
    }
    case 'not built':
      return ranking.examples;
    default:
      return [];
  }
}

/** The collection in which a query's examples are points; a name given counts as reached. */
export function exampleSource(session: Session, collection: Collection, query: Query): Collection {
  if (!query.lookupFrom) return collection;
  const byId = examplesOf(query.ranking).some((example) => 'id' in example);
  if (byId) return collectionReferred(session, query.lookupFrom.collection);
  return reached(session, query.lookupFrom.collection) ?? collection;
}

/** Turns an example into the vector to compare with. */
export function exampleReader(
  collection: Collection,
  source: Collection,
  query: Query,
): (example: Example) => Vector {
  const distance = distanceOf(collection, query.using);
  const name = query.lookupFrom?.vector ?? (query.lookupFrom ? '' : query.using);
  return (example) => {
    const vector = 'id' in example ? storedVector(source, example.id, name) : example.vector;
    checkSize(collection, query.using, isSparse(vector) ? undefined : rowsOf(vector));
    return prepared(distance, vector);
  };
}

/** The ids that a query leaves out of its answer: its own examples. */
export function excludedIds(query: Query, source: Collection, of: Collection): Set<PointId> {
  if (query.lookupFrom && source !== of) return new Set();
  const ids = examplesOf(query.ranking).flatMap((example) => ('id' in example ? example.id : []));
  return new Set(ids);
}

function storedVector(source: Collection, id: PointId, name: string): Vector {
  const vector = pointNamed(source, id).vectors.get(name);
  if (vector) return vector;
  throw new Failure('wrongInput', `Not existing vector name error: ${name}`);
}
