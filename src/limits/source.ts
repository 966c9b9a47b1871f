/** How many leading bits of an address tell one source from another. */
export interface SourceBits {
  readonly ipv4: number;
  readonly ipv6: number;
}

/**
 * The network that an address of the kernel's is counted under: `10.0.0.7/32`,
 * `2001:db8:0:0:0:0:0:0/64`; the text as it stands where a connection has none any more.
 */
export function sourceOf(address: string, bits: SourceBits): string {
  const bytes = address.split('.').map(Number);
  if (!address.includes(':') && bytes.length === 4) {
    return `${masked(bytes, 8, bits.ipv4).join('.')}/${bits.ipv4}`;
  }
  if (!address.includes(':')) return address;
  const bare = address.split('%', 1)[0] ?? '';
  const groups = masked(groupsOf(bare), 16, bits.ipv6).map((group) => group.toString(16));
  return `${groups.join(':')}/${bits.ipv6}`;
}

function groupsOf(address: string): number[] {
  const [before = '', after] = address.split('::', 2);
  const head = sideOf(before);
  const tail = after === undefined ? [] : sideOf(after);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return [...head, ...zeros, ...tail];
}

/** The last group may be written as an IPv4 address (RFC 4291, 2.2). */
function sideOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function masked(units: readonly number[], width: number, bits: number): number[] {
  return units.map((unit, at) => {
    const kept = Math.min(width, Math.max(0, bits - at * width));
    return (unit >>> (width - kept)) << (width - kept);
  });
}
