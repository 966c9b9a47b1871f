/** The end of a call that was not served: a gRPC code and a message. */
export class Status extends Error {
  override readonly name = 'Status';
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}

/** A message as a header carries it. */
export function percentEncoded(message: string): string {
  return [...Buffer.from(message)].map(encodedByte).join('');
}

const plain = /[!$&'()*+,\-./0-9:;=@A-Z[\\\]^_a-z|~]/;

function encodedByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (byte < 0x80 && plain.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
