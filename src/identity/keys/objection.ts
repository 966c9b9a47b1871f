/** Why something cannot be done with a key, in a sentence for people. */
export class KeyObjection extends Error {
  override readonly name = 'KeyObjection';
  /** `unknown`: there is no such key; `over`: it counts no more; `known`: it is there already;
   * `shape`: it cannot be one. */
  readonly about: 'unknown' | 'over' | 'known' | 'shape';

  constructor(about: KeyObjection['about'], sentence: string) {
    super(sentence);
    this.about = about;
  }
}
