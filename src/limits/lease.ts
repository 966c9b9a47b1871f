/** A share of something bounded, given back once; a second `release` does nothing. */
export interface Lease {
  release(): void;
}

/** Room for one held body, which grows as the body is read. */
export interface HeldLease extends Lease {
  /** Makes the room `bytes` in all. Throws `Refusal` overloaded. */
  grow(bytes: number): void;
}

/** One budget of held bytes for all bodies of the process, shared fairly between holders. */
export interface HeldBytes {
  /** `holder` is the identity's id. Takes nothing yet. */
  open(holder: string): HeldLease;
  readonly held: number;
  readonly capacity: number;
}
