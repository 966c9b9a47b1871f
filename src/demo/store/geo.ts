/** A place on the globe, in degrees. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

const earthRadius = 6_371_008.8;

/** Whether a place lies within so many metres of a centre. */
export function inRadius(center: Place, radius: number, { lat, lon }: Place): boolean {
  const [from, to] = [radians(center.lat), radians(lat)];
  const half = Math.sin((to - from) / 2) ** 2;
  const across = Math.cos(from) * Math.cos(to) * Math.sin(radians(lon - center.lon) / 2) ** 2;
  return 2 * earthRadius * Math.asin(Math.sqrt(half + across)) <= radius;
}

/** Whether a place lies in a box that may cross the date line. */
export function inBox(topLeft: Place, bottomRight: Place, { lat, lon }: Place): boolean {
  const [west, east] = [topLeft.lon, bottomRight.lon];
  const between = west <= east ? lon > west && lon < east : lon > west || lon < east;
  return between && lat < topLeft.lat && lat > bottomRight.lat;
}

/** Whether a place lies within a ring of places. */
export function inRing(ring: readonly Place[], { lat, lon }: Place): boolean {
  let inside = false;
  ring.forEach((a, at) => {
    const b = ring[(at + 1) % ring.length] ?? a;
    if (a.lat > lat === b.lat > lat) return;
    if (lon < ((b.lon - a.lon) * (lat - a.lat)) / (b.lat - a.lat) + a.lon) inside = !inside;
  });
  return inside;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
