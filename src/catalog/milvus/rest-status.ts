import { JsonView } from '../reading/json-view.ts';

/** What REST v2 says where there is nothing else to say. */
export const done = Buffer.from('{"code":0,"data":{}}', 'utf8');

/** The code of an error that has none of its own (pkg/util/merr/errors.go). */
const unexpected = 65535;

/** Whether an answer of REST v2 says success: its `code` is 0, over v1 200. Throws `TypeError` where it is no
 * answer. */
export function saysSuccess(answer: Buffer, success = '0'): boolean {
  const json = new JsonView(answer);
  const code = json.at('code');
  return code !== null && json.raw(code) === success;
}

/** An answer of REST v2 that says why something failed. */
export function failed(message: string): Buffer {
  return Buffer.from(JSON.stringify({ code: unexpected, message }), 'utf8');
}
