/** Bytes that take the place of others. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** A body with these edits made, which are in order and do not overlap; the same body where there
 * are none. */
export function splice(body: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return body;
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const edit of edits) {
    pieces.push(body.subarray(from, edit.start), edit.bytes);
    from = edit.end;
  }
  pieces.push(body.subarray(from));
  return Buffer.concat(pieces);
}
