/** A JSON value as a plain reader keeps it: objects with every member, in order. */
export type Json = string | JsonNumber | boolean | null | Json[] | JsonObject;

/** An object with all its members, repeated ones too. */
export interface JsonObject {
  readonly members: readonly (readonly [string, Json])[];
}

/** A number as it was written: one of 64 bits is more than a double holds. */
export interface JsonNumber {
  readonly number: string;
}

/** How a database finds a member of an object. */
export type Finder = (object: JsonObject, key: string) => Json | undefined;

/** As sonic does: in any case, and the last counts. */
export function likeSonic({ members }: JsonObject, key: string): Json | undefined {
  return members.findLast(([name]) => lowered(name) === lowered(key))?.[1];
}

/** As gjson does: in this case, and the first counts. */
export function likeGjson({ members }: JsonObject, key: string): Json | undefined {
  return members.find(([name]) => name === key)?.[1];
}

function lowered(text: string): string {
  return text.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k');
}

/** Reads the first document of a text and minds nothing behind it. Throws `SyntaxError`. */
export function readJson(text: string): Json {
  return new Reader(text).value();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    this.#blank();
    const sign = this.#text[this.#at];
    if (sign === '{') return { members: this.#list('}', () => this.#member()) };
    if (sign === '[') return this.#list(']', () => this.value());
    if (sign === '"') return this.#string();
    const scalar = /^[-+.\w]+/.exec(this.#text.slice(this.#at, this.#at + 64))?.[0] ?? '';
    this.#at += scalar.length;
    const read = JSON.parse(scalar) as number | boolean | null;
    return typeof read === 'number' ? { number: scalar } : read;
  }

  #member(): readonly [string, Json] {
    this.#blank();
    const key = this.#string();
    this.#expect(':');
    return [key, this.value()];
  }

  #list<T>(close: string, one: () => T): T[] {
    const found: T[] = [];
    this.#at++;
    this.#blank();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return found;
    }
    for (;;) {
      found.push(one());
      this.#blank();
      const sign = this.#text[this.#at++];
      if (sign === close) return found;
      if (sign !== ',') throw new SyntaxError(`unexpected ${sign}`);
    }
  }

  #string(): string {
    const start = this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #expect(sign: string): void {
    this.#blank();
    if (this.#text[this.#at++] !== sign) throw new SyntaxError(`no ${sign}`);
  }

  #blank(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }
}
