import type { Others } from './others.ts';

const topic = 'failures';
/** How soon the others hear, in milliseconds. */
const tellAfter = 50;
/** How many names are told at once; a flood of more is counted by each process for itself. */
const mostNames = 1024;

/** Tells other processes which names failed, and hears it of them. Gives what is to be called for
 * each failure here; nothing waits for it. */
export function tellNews(
  others: Others,
  learn: (name: string, count: number) => void,
): (name: string) => void {
  let news = new Map<string, number>();
  others.hear(topic, (message) => {
    const { from, failed } = JSON.parse(message) as { from: string; failed: [string, number][] };
    if (from !== others.id) for (const [name, count] of failed) learn(name, count);
  });
  const tell = () => {
    const message = JSON.stringify({ from: others.id, failed: [...news] });
    news = new Map();
    others.tell(topic, message).catch(() => undefined);
  };
  return (name) => {
    const known = news.get(name);
    if (known === undefined && news.size >= mostNames) return;
    news.set(name, (known ?? 0) + 1);
    if (news.size === 1 && known === undefined) setTimeout(tell, tellAfter).unref();
  };
}
