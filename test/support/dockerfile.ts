import { readFileSync } from 'node:fs';

/** One instruction: `COPY`, and what follows it with continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** What stands between one FROM and the next. */
export interface Stage {
  readonly image: string;
  readonly name: string | null;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, its ARGs filled in. */
export function readStages(path: string): Stage[] {
  const text = readFileSync(path, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '');
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  const values = new Map<string, string>();
  for (const line of text.split('\n').filter((written) => written.trim() !== '')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'ARG') values.set(rest.split('=')[0] ?? '', rest.split('=')[1] ?? '');
    if (name === 'FROM') {
      const filled = rest.replace(/\$\{(\w+)\}/g, (_, key: string) => values.get(key) ?? '');
      const [image = '', alias] = filled.split(' AS ');
      stages.push({ image, name: alias ?? null, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ name, text: rest });
    }
  }
  return stages;
}
