/** An object identifier in dots: `2.5.4.3`. Throws `RangeError`. */
export function oidText(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const [index, byte] of content.entries()) {
    if (arc === 0 && byte === 0x80) throw new RangeError('an identifier with needless bytes');
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new RangeError('an identifier too long');
    if (byte >= 0x80) {
      if (index === content.length - 1) throw new RangeError('an identifier that is cut off');
      continue;
    }
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      arcs.push(first, arc - first * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  if (arcs.length === 0) throw new RangeError('an identifier without arcs');
  return arcs.join('.');
}
