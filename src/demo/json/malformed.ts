/** A body that is not the JSON that was expected; `offset` is how many bytes were read. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  offset: number | undefined;
  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

/** The message as clients read it, with the line and the column. */
export function explained({ message, offset }: Malformed, text: string): string {
  if (offset === undefined) return message;
  const before = text.slice(0, Math.min(offset, text.length));
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `${message} at line ${line} column ${before.length - lineStart}`;
}
