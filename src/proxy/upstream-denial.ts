import type { Intent } from '../catalog/operation.ts';
import { Refusal } from '../refusal.ts';

/** PERMISSION_DENIED */
const denied = { http: 403, grpc: '7' };

/**
 * The refusal that takes the place of the database's own denial, where what the database says names
 * the gateway's user, and what that may do. Null where an answer of this status, and over gRPC of
 * this code, denies nothing.
 */
export function denialOfUs(
  { operation, needs }: Intent,
  status: number,
  code: string | undefined,
): Refusal | null {
  if (!operation.deniesByName || (status !== denied.http && code !== denied.grpc)) return null;
  const [need] = needs;
  return new Refusal(
    'not-permitted',
    "the database does not let the gateway's own user do what was permitted",
    { told: need ? operation.denial(need, false) : '' },
  );
}
