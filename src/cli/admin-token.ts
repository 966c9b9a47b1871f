import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { makeAdminToken } from '../admin/admin-token.ts';
import { tokenOf } from '../admin/token.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

const roles = ['viewer', 'key-manager', 'operator'];

/** Makes a token for an administrator; the gateway keeps its hash only. */
export const verb: Verb = {
  name: 'admin token',
  summary: 'Make a token for an administrator, and the entry to paste into admin.administrators',
  usage: 'admin token --name N --role viewer|key-manager|operator …',
  options: {
    name: { type: 'string', help: 'who it is for, as records will have it' },
    role: { type: 'string', multiple: true, help: 'what they may do; give it again for more' },
  },
  run: async ({ values, json, print, complain }) => {
    const order = orderOf(values);
    const token = makeAdminToken();
    const entry = {
      ...order,
      token: `sha256:${tokenOf(token).digest.toString('hex')}`,
      ...(order.roles.includes('key-manager') ? { totp: base32(randomBytes(20)) } : {}),
    };
    if (json) {
      print(JSON.stringify({ token, entry }));
      return 0;
    }
    print(token);
    complain('This token is not shown again. Paste into admin.administrators:');
    complain(stringify([entry], { lineWidth: 0 }).trimEnd());
    if ('totp' in entry)
      complain('totp is a secret too: give it to the owner of the token as well.');
    return 0;
  },
};

function orderOf(values: VerbInput['values']) {
  const name = values['name'];
  const given = Array.isArray(values['role']) ? values['role'].map(String) : [];
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w.@-]{0,63}$/.test(name)) {
    throw new BadUsage('--name is missing or no name; use letters, digits, . _ @ and -');
  }
  const stray = given.find((role) => !roles.includes(role));
  if (given.length === 0 || stray !== undefined) {
    throw new BadUsage(`--role ${stray ?? 'is missing'}; use ${roles.join(', ')}`);
  }
  return { name, roles: [...new Set(given)] };
}

/** RFC 4648, section 6, for a length that needs no padding. */
function base32(bytes: Buffer): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
}
