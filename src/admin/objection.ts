/** What an action of the admin port cannot do, in a sentence that the caller may hear. */
export class Objection extends Error {
  override readonly name = 'Objection';
  readonly status: 404 | 409 | 422;

  constructor(status: Objection['status'], sentence: string) {
    super(sentence);
    this.status = status;
  }
}
