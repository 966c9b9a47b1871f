/** What one request reached. */
export interface Touch {
  /** The operation, by the name it has in the gateway's catalogue. */
  readonly operation: string;
  /**
   * The real names of the collections whose data or description the request reached, whatever
   * alias it named them by; also names that it asked for and that do not exist. A list of
   * collections reaches all that it shows, and what carries the whole database reaches all.
   */
  readonly collections: ReadonlySet<string>;
  /** The `x-request-id` of the request. */
  readonly requestId: string | undefined;
}

/** Told of each request that was let in and known, before its answer is sent. */
export type OnTouch = (touch: Touch) => void;
