const plain = /^[ !#-[\]-~]*$/;
const special = /[^ !#-[\]-~]/g;

/**
 * A string as a JSON string in ASCII alone: whatever is not printable ASCII becomes `\uXXXX`, one
 * for each UTF-16 unit, so that no name can end a record, and no terminal can be steered by one.
 */
export function jsonString(text: string): string {
  return plain.test(text) ? `"${text}"` : `"${text.replace(special, escaped)}"`;
}

function escaped(unit: string): string {
  if (unit === '"' || unit === '\\') return `\\${unit}`;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
