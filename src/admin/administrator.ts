import type { AuditedAdministrator } from '../audit/admin-record.ts';
import type { makeCodeBook } from './one-time-code.ts';

/**
 * What an administrator may do: `viewer` sees; `key-manager` makes and ends keys, and sees;
 * `operator` reloads, drains and changes the gateway's own credentials, and sees. No role has all.
 */
export type AdminRole = 'viewer' | 'key-manager' | 'operator';

/** Somebody who administers the gateway. */
export interface Administrator extends AuditedAdministrator {
  readonly roles: readonly AdminRole[];
}

/** Who calls, and when they proved who they are. */
export interface Caller {
  readonly administrator: Administrator;
  /** In milliseconds since 1970: a login (`auth_time`), a TLS handshake; null: nothing tells. */
  readonly provenAt: number | null;
  /** Takes a one-time code, once, or says why not; null where the caller has none. */
  readonly confirm: ReturnType<typeof makeCodeBook> | null;
}

const everyRole = ['viewer', 'key-manager', 'operator'] as const;

/** Whoever holds the shared token: everything, and every use is told. */
export const breakGlass: Administrator = Object.freeze({
  name: 'break-glass',
  kind: 'break-glass',
  subject: null,
  roles: everyRole,
});

/** Whether somebody has a role; to see needs any. */
export function hasRole({ roles }: Administrator, role: AdminRole): boolean {
  return role === 'viewer' ? roles.length > 0 : roles.includes(role);
}
