import type { RestPlan } from './row.ts';

/** The REST routes of each operation, by its name. */
export const routes: Readonly<Record<string, readonly RestPlan[]>> = {};
