const forbiddenOnCreation = ['<', '>', ':', '"', '/', '\\', '|', '?', '*', '\0', '\x1f'];

/** What is wrong with a collection's name, if anything; creating one is stricter. */
export function wrongName(name: string, creating: boolean): string | undefined {
  const length = [...name].length;
  if (length < 1 || length > 255) {
    return `value ${quoted(name)} invalid, must be from 1 to 255 characters`;
  }
  const forbidden = creating ? forbiddenOnCreation : ['/', '\0'];
  const found = forbidden.find((character) => name.includes(character));
  return found && `collection name cannot contain ${quoted(found)} char`;
}

/** What is wrong with a vector's name, if anything. */
export function wrongVectorName(name: string): string | undefined {
  if (Buffer.byteLength(name) > 200) return 'vector name cannot be longer than 200 bytes';
  const found = forbiddenOnCreation.find((character) => name.includes(character));
  return found && `vector name cannot contain ${quoted(found)} char`;
}

function quoted(text: string): string {
  return `"${text}"`;
}
