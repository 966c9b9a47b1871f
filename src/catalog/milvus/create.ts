import type { Names } from '../operation.ts';
import { judge } from './need.ts';
import type { Given, Verdict } from './row.ts';

/** What creating a collection needs: its own right on the name as it stands. */
export function judgeCreate(given: Given, names: Names): Verdict {
  return judge(given, names);
}
