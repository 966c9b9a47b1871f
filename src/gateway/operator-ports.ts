import { openHealth } from '../admin/health.ts';
import type { OpenPort } from '../admin/port.ts';
import type { Address } from '../proxy/config.ts';
import { type AdminParts, type AdminPort, openAdminPort } from './admin-port.ts';
import { addressText } from './listeners.ts';
import type { Prepared } from './prepare.ts';

/** Where the ports for operators are, `host:port` as bound; null: no such port. */
export interface OperatorPlaces {
  readonly admin: string | null;
  readonly health: string | null;
}

/** The ports for operators, open. */
export interface OperatorPorts extends OperatorPlaces {
  readonly adminPort: AdminPort | null;
  close(): Promise<void>;
}

/**
 * Opens the admin and the health port, where they are configured, or, where another process of this
 * gateway had them before, where those were. Rejects, and leaves nothing open, where one cannot
 * bind.
 */
export async function openOperatorPorts(
  prepared: Prepared,
  parts: AdminParts,
  before: OperatorPlaces | null,
): Promise<OperatorPorts> {
  const { admin, health } = prepared.config;
  const adminPort = admin
    ? await openAdminPort({ ...admin, listen: at(admin.listen, before?.admin) }, prepared, parts)
    : null;
  try {
    const healthPort = health
      ? await openHealth(
          { ...health, listen: at(health.listen, before?.health) },
          parts.state,
          parts.whole.metrics,
          (error) => parts.log.error({ err: error }, 'health'),
        )
      : null;
    return {
      adminPort,
      admin: placeOf(adminPort),
      health: placeOf(healthPort),
      close: async () => void (await Promise.all([adminPort?.close(), healthPort?.close()])),
    };
  } catch (error) {
    await adminPort?.close();
    throw error;
  }
}

/** The port that was found for port 0 stays what it is. */
export function at(listen: Address, place: string | null | undefined): Address {
  if (!place) return listen;
  return { ...listen, port: Number(place.slice(place.lastIndexOf(':') + 1)) };
}

function placeOf(port: OpenPort | null): string | null {
  return port && addressText(port.address);
}
