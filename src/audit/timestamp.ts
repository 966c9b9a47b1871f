/** Two clocks: milliseconds since 1970, and milliseconds that never step. */
export interface Clock {
  wall(): number;
  monotonic(): number;
}

/** The clocks of this machine. */
export const systemClock: Clock = { wall: Date.now, monotonic: () => performance.now() };

/** Time stamps in microseconds that never go backwards, and how far the wall clock fell behind. */
export interface Stamps {
  /** `2026-11-22T15:04:05.123456Z` */
  next(): string;
  /** Milliseconds by which the wall clock is behind the stamps, because it was set back. */
  behind(): number;
}

const thousand = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

/** Stamps that follow the wall clock forwards, and run on by the monotonic one when it is set
 * back. */
export function stamps(clock: Clock): Stamps {
  let anchor = clock.wall();
  let anchorAt = clock.monotonic();
  let millisecond = -1;
  let prefix = '';
  const now = (): number => {
    const monotonic = clock.monotonic();
    const wall = clock.wall();
    const ours = anchor + (monotonic - anchorAt);
    if (wall <= ours) return ours;
    anchor = wall;
    anchorAt = monotonic;
    return wall;
  };
  return {
    next: () => {
      const time = now();
      const whole = Math.floor(time);
      if (whole !== millisecond) {
        millisecond = whole;
        prefix = new Date(whole).toISOString().slice(0, 23);
      }
      return `${prefix}${thousand[Math.floor((time - whole) * 1000)]}Z`;
    },
    behind: () => Math.max(0, now() - clock.wall()),
  };
}
