import { unreadable } from './unreadable.ts';

const few = 16;
const most = 10_000;

/** The keys of one object that is being read: each may stand there once. */
export class SeenKeys {
  readonly #list: string[] = [];
  #set: Set<string> | null = null;

  /** Throws `Refusal` unreadable-request where the key was there, or there are too many. */
  add(key: string): void {
    if (this.#list.length >= few) return this.#addToMany(key);
    if (this.#list.includes(key)) throw twice(key);
    this.#list.push(key);
  }

  has(key: string): boolean {
    return this.#set === null ? this.#list.includes(key) : this.#set.has(key);
  }

  get size(): number {
    return this.#set === null ? this.#list.length : this.#set.size;
  }

  clear(): void {
    this.#list.length = 0;
    this.#set = null;
  }

  #addToMany(key: string): void {
    this.#set ??= new Set(this.#list);
    if (this.#set.has(key)) throw twice(key);
    if (this.#set.size >= most) throw unreadable('an object of the body has too many keys');
    this.#set.add(key);
  }
}

function twice(key: string) {
  return unreadable(`the key ${JSON.stringify(key.slice(0, 64))} is given twice in one object`);
}
