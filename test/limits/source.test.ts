import { expect, it } from 'vitest';
import { sourceOf } from '../../src/limits/source.ts';

const bits = { ipv4: 32, ipv6: 64 };

it.each([
  ['10.0.0.7', bits, '10.0.0.7/32'],
  ['10.255.3.7', { ...bits, ipv4: 20 }, '10.255.0.0/20'],
  ['203.0.113.200', { ...bits, ipv4: 25 }, '203.0.113.128/25'],
  ['2001:db8::1', bits, '2001:db8:0:0:0:0:0:0/64'],
  ['2001:db8:0:0:ffff::1', bits, '2001:db8:0:0:0:0:0:0/64'],
  ['2001:db8:1:2:3:4:5:6', { ...bits, ipv6: 56 }, '2001:db8:1:0:0:0:0:0/56'],
  ['fe80::1%eth0', bits, 'fe80:0:0:0:0:0:0:0/64'],
  ['::1', { ...bits, ipv6: 128 }, '0:0:0:0:0:0:0:1/128'],
  ['64:ff9b::1.2.3.4', { ...bits, ipv6: 128 }, '64:ff9b:0:0:0:0:102:304/128'],
  ['', bits, ''],
])('%s counts with its network', (address, of, network) => {
  expect(sourceOf(address, of)).toBe(network);
});

it('tells two hosts of one /64 as one source, and two networks as two', () => {
  expect(sourceOf('2001:db8::1', bits)).toBe(sourceOf('2001:db8::dead:beef', bits));
  expect(sourceOf('2001:db8:0:1::1', bits)).not.toBe(sourceOf('2001:db8::1', bits));
});
