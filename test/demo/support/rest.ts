import { once } from 'node:events';
import { connect } from 'node:net';
import { differences } from './difference.ts';
import type { RestAnswer } from './transcripts.ts';

/** Sends exact bytes and reads what comes back, up to the end. */
export async function sendBytes(url: string, bytes: Buffer): Promise<RestAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.write(bytes);
  await once(socket, 'close');
  return readAnswer(Buffer.concat(parts).toString());
}

/** Reads an answer from its text. */
export function readAnswer(text: string): RestAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const headers = fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  });
  const status = Number(line.split(' ')[1]);
  return { status, headers: Object.fromEntries(headers), body: text.slice(end + 4) };
}

/** Where two answers over HTTP differ: status, type, connection and body. */
export function answerDifferences(expected: RestAnswer, actual: RestAnswer): string[] {
  if (expected.status === 100) {
    const [left, right] = [readAnswer(expected.body), readAnswer(actual.body)];
    return [...differences(100, actual.status, 'status'), ...answerDifferences(left, right)];
  }
  // The client's own connections were kept alive; those of a replay are not.
  const compared = ['content-type', ...(expected.headers['connection'] ? ['connection'] : [])];
  return [
    ...differences(expected.status, actual.status, 'status'),
    ...compared.flatMap((name) =>
      differences(expected.headers[name], actual.headers[name], `header ${name}`),
    ),
    ...differences(content(expected), content(actual), 'body'),
  ];
}

function content({ headers, body }: RestAnswer): unknown {
  if (headers['content-type'] !== 'application/json') return body;
  // Integers that a number cannot hold are compared as text.
  return JSON.parse(body.replace(/([:[,])(\d{16,})(?=[,\]}])/g, '$1"$2"'));
}
