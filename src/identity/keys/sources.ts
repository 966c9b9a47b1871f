import { BlockList, isIP } from 'node:net';

/** The addresses in these blocks; null where there are no blocks, and so no restriction. */
export function sourcesOf(blocks: readonly string[]): BlockList | null {
  if (blocks.length === 0) return null;
  const list = new BlockList();
  for (const text of blocks) {
    const block = blockOf(text);
    if (block) list.addSubnet(block.address, block.bits, block.family);
  }
  return list;
}

/** Whether a text is an address block (`10.0.0.0/8`, `fd00::/8`) or one address. */
export function isAddressBlock(text: string): boolean {
  return blockOf(text) !== null;
}

/** Whether an address, with or without a zone, is within the blocks. */
export function isWithin(blocks: BlockList, address: string): boolean {
  const [plain = ''] = address.split('%', 1);
  const version = isIP(plain);
  return version !== 0 && blocks.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}

function blockOf(text: string) {
  const [, address = '', prefix] = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return null;
  const widest = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? widest : Number(prefix);
  return bits > widest
    ? null
    : ({ address, bits, family: version === 4 ? 'ipv4' : 'ipv6' } as const);
}
