import type { Distance } from '../store/distance.ts';

/** The distances by their numbers. */
export const distances: readonly (Distance | undefined)[] = [
  undefined,
  'Cosine',
  'Euclid',
  'Dot',
  'Manhattan',
];
