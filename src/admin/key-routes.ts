import { z } from 'zod';
import type { keyOrderSchema, WrittenKeyOrder } from '../identity/keys/order.ts';
import type { KeyRow, ListedKey } from '../identity/keys/row.ts';
import type { Administrator } from './administrator.ts';
import { replyJson } from './port.ts';
import { type AdminCall, type AdminRoute, adminRoute } from './route.ts';

/** A key that was made just now, with what it is used by: told once. */
export interface MadeKey extends KeyRow {
  readonly key: string;
}

/** What is asked of the key that takes over from another. */
export interface RotationOrder {
  readonly id: string;
  /** How long the old one goes on, in milliseconds. */
  readonly grace: number;
  /** ISO 8601; null: it lives as long as the old one did. */
  readonly expires: string | null;
}

/** What can be done with keys. Each rejects with `Objection` where it is not possible. */
export interface KeyActions {
  /** Whether a key has this id, in force or not. Never rejects. */
  knows(id: string): boolean | Promise<boolean>;
  list(): Promise<readonly ListedKey[]>;
  create(order: WrittenKeyOrder, by: Administrator): Promise<MadeKey>;
  rotate(order: RotationOrder, by: Administrator): Promise<MadeKey>;
  /** Takes over a key that others made; `weak`: also one under 16 characters. */
  take(
    key: string,
    order: WrittenKeyOrder & { readonly weak: boolean },
    by: Administrator,
  ): Promise<KeyRow>;
  revoke(id: string, by: Administrator): Promise<RevokedKey>;
}

/** A key that was revoked just now. */
export interface RevokedKey extends ListedKey {
  /** False where this gateway has still to tell a store that is lost. */
  readonly everywhere: boolean;
}

const time = z.iso.datetime({ offset: true }).nullable();
const row = z.strictObject({
  ...{ id: z.string(), name: z.string(), roles: z.array(z.string()) },
  ...{ createdAt: time, expiresAt: time },
});
const made = z.strictObject({ ...row.shape, key: z.string() });
const listed = z.strictObject({
  ...{ ...row.shape, upstream: z.string().nullable(), labels: z.record(z.string(), z.string()) },
  ...{ lastUsedAt: time, ageDays: z.int().nullable(), revokedAt: time },
});

const revoked = z.strictObject({ ...listed.shape, everywhere: z.boolean() });

const longestGrace = 31_536_000;
const rotation = z.strictObject({
  graceSeconds: z.int('no number of seconds').min(0).max(longestGrace).default(604_800),
  expires: z.iso.datetime({ offset: true, error: 'no point in time' }).nullable().default(null),
});

/** What a key may be ordered by. */
type OrderSchema = typeof keyOrderSchema;

const told = (description: string, schema: z.ZodType) => ({ description, schema });

/** Where keys are seen, made and ended, by orders as this schema reads them. */
export function keyRoutes(keys: KeyActions, order: OrderSchema): readonly AdminRoute[] {
  const seen = adminRoute({
    ...{ name: 'keys.list', method: 'GET', path: '/keys', role: 'viewer' },
    summary: 'Every key, without anything that proves it',
    answers: { 200: told('The keys', z.array(listed)) },
    run: async () => replyJson(200, await keys.list()),
  });
  return [seen, ...newKeyRoutes(keys, order), ...oldKeyRoutes(keys)];
}

const change = { method: 'POST', role: 'key-manager', fresh: true } as const;

function newKeyRoutes(keys: KeyActions, order: OrderSchema): readonly AdminRoute[] {
  const taken = z.strictObject({
    ...order.shape,
    key: z.string('the key is missing'),
    weak: z.boolean('neither true nor false').default(false),
  });
  return [
    adminRoute({
      ...{ ...change, name: 'keys.create', path: '/keys', summary: 'Make a key; it is told once' },
      body: order,
      answers: { 201: told('The key', made) },
      run: async (call) => replyJson(201, await keys.create(call.body, callerOf(call))),
    }),
    adminRoute({
      ...{ ...change, name: 'keys.import', path: '/keys/import' },
      summary: 'Take over a key that applications have already',
      body: taken,
      answers: { 201: told('What is known of the key', row) },
      run: async (call) => {
        const { key, ...rest } = call.body;
        return replyJson(201, await keys.take(key, rest, callerOf(call)));
      },
    }),
  ];
}

function oldKeyRoutes(keys: KeyActions): readonly AdminRoute[] {
  const old = { ...change, knows: keys.knows };
  return [
    adminRoute({
      ...{ ...old, name: 'keys.rotate', path: '/keys/{id}/rotate' },
      summary: 'Make a key that takes over from another, which ends after a grace',
      body: rotation,
      answers: { 201: told('The key that takes over', made) },
      run: async (call) => {
        const { graceSeconds, expires } = call.body;
        const order = { id: call.target, grace: graceSeconds * 1000, expires };
        return replyJson(201, await keys.rotate(order, callerOf(call)));
      },
    }),
    adminRoute({
      ...{ ...old, name: 'keys.revoke', path: '/keys/{id}/revoke' },
      summary: 'Revoke a key: its next request is refused',
      answers: {
        200: told('What is known of the key', revoked),
        202: told('The same: the store is lost, and until it is back this gateway alone', revoked),
      },
      run: async (call) => {
        const key = await keys.revoke(call.target, callerOf(call));
        return replyJson(key.everywhere ? 200 : 202, key);
      },
    }),
  ];
}

function callerOf({ caller }: Pick<AdminCall, 'caller'>): Administrator {
  if (!caller) throw new TypeError('nobody asks for keys');
  return caller.administrator;
}
