import type { Ledger } from './ledger.ts';
import { writeManifest } from './manifest.ts';

/** Keeps the manifest of a log as its ledger is, off the event loop. */
export interface Listing {
  /** To be called each second: writes the manifest where something changed. */
  tick(): void;
  /** Resolves once the manifest is as the ledger is, or could not be written. Never rejects. */
  settled(): Promise<void>;
}

/** What a manifest is kept for. */
export interface ListingOptions {
  readonly directory: string;
  readonly writer: string;
  readonly ledger: Ledger;
  /** The public key of the last checkpoint, in base64. */
  readonly key: string | null;
  /** Hears once that the manifest cannot be written, until it can again. */
  readonly failed: (reason: string) => void;
}

/** The keeper of one log's manifest. */
export function listingOf({ directory, writer, ledger, key, failed }: ListingOptions): Listing {
  let saved = -1;
  let running: Promise<void> | null = null;
  let failing = false;
  async function save(): Promise<void> {
    const { changes, listed } = ledger;
    try {
      await writeManifest(directory, { writer, key, segments: listed });
      saved = changes;
      failing = false;
    } catch (error) {
      if (!failing) failed(error instanceof Error ? error.message : String(error));
      failing = true;
    }
  }
  const begin = () => {
    running ??= save().finally(() => {
      running = null;
    });
    return running;
  };
  return {
    tick: () => {
      if (saved !== ledger.changes) void begin();
    },
    settled: async () => {
      await running;
      if (saved !== ledger.changes) await begin();
    },
  };
}
