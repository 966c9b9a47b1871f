import { type Checkpoint, noteHolds, noteText } from './checkpoint.ts';

/** A checkpoint that is held outside its log. */
export interface Note {
  readonly origin: string;
  readonly size: number;
  /** In hex. */
  readonly hash: string;
  /** Whether one of its signatures is this key's, in base64. */
  signedBy(key: string): boolean;
}

const note =
  /([^\s+]+)\n([1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)\n((?:\u2014 [^\n]+\n)+)/y;
const blank = /\n*/y;

/** A checkpoint and its signature as a note, to be kept elsewhere. */
export function renderNote(checkpoint: Checkpoint, signature: string): string {
  return `${noteText(checkpoint)}\n\u2014 ${checkpoint.origin} ${signature}\n`;
}

/** Reads a file of notes, with blank lines between them. Throws `Error` for people where something
 * else stands in it, or nothing. */
export function readNotes(text: string, file: string): Note[] {
  const notes: Note[] = [];
  let at = 0;
  while (at < text.length) {
    note.lastIndex = at;
    const [whole, origin = '', size, root = '', extensions = '', signatures = ''] =
      note.exec(text) ?? [];
    if (whole === undefined) throw noNote(file, text.slice(0, at).split('\n').length);
    const signed = `${origin}\n${size}\n${root}\n${extensions}`;
    notes.push({
      origin,
      size: Number(size),
      hash: Buffer.from(root, 'base64').toString('hex'),
      signedBy: (key) => signers(signatures, origin).some((s) => noteHolds(signed, origin, key, s)),
    });
    blank.lastIndex = at + whole.length;
    blank.test(text);
    at = blank.lastIndex;
  }
  if (notes.length === 0) throw noNote(file, 1);
  return notes;
}

/** The signatures under a name. */
function signers(lines: string, name: string): string[] {
  return lines.split('\n').flatMap((line) => {
    const [, signer, signature] = line.split(' ');
    return signer === name && signature !== undefined ? [signature] : [];
  });
}

function noNote(file: string, line: number): Error {
  return new Error(
    `${file}, line ${line}: this is no checkpoint; ` +
      'name a file of signed notes, as audit.checkpoints.copy writes it',
  );
}
