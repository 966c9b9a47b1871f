/** Something that `doctor` found: what is wrong, and what to do. */
export interface Finding {
  /** `upstream.open` */
  readonly id: string;
  /** `high`: somebody can get in, or out with data, or the gateway stops. */
  readonly severity: 'high' | 'medium' | 'low';
  readonly message: string;
  readonly remedy: string;
}
