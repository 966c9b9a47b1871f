/** A text as it could stand in an output: as it is, and in every encoding that may meet it there. */
export function spellings(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const all = [
    text,
    text.replace(/\n/g, '\\n'),
    encodeURIComponent(text),
    [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    bytes.toString('hex'),
    ...[0, 1, 2].flatMap((shift) => within64(bytes, shift)),
  ];
  return [...new Set(all.map((each) => each.toLowerCase()))];
}

/** What is always the same of the base64 of any text in which these bytes stand after `shift` others. */
function within64(bytes: Buffer, shift: number): string[] {
  const all = Buffer.concat([Buffer.alloc(shift), bytes]);
  const whole = all.subarray(0, all.length - (all.length % 3));
  const start = shift === 0 ? 0 : 4;
  return (['base64', 'base64url'] as const).map((name) => whole.toString(name).slice(start));
}

/** Where any spelling of a secret stands in a text, with a little of what is around it. */
export function found(
  texts: readonly string[],
  secrets: Readonly<Record<string, string>>,
): readonly string[] {
  const lower = texts.map((text) => text.toLowerCase());
  return Object.entries(secrets).flatMap(([name, secret]) =>
    spellings(secret).flatMap((spelling) =>
      lower.flatMap((text, index) => {
        const at = text.indexOf(spelling);
        const around = texts[index]?.slice(Math.max(0, at - 100), at + 200);
        return at === -1 ? [] : [`${name} in …${around}…`];
      }),
    ),
  );
}
