/** The other processes that serve with this one, and that can be told things. */
export interface Others {
  /** The id of this one. */
  readonly id: string;
  /** The ids of all that are there. */
  readonly present: readonly string[];
  /** Tells the others. Rejects where nobody hears it. */
  tell(topic: string, message: string): Promise<void>;
  hear(topic: string, listener: (message: string) => void): void;
}
