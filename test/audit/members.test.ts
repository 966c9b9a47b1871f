import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressSegment } from '../../src/audit/compress.ts';
import { cursorBefore } from '../../src/audit/cursor.ts';
import { eachLine } from '../../src/audit/lines.ts';
import { segmentsIn } from '../../src/audit/segment.ts';
import { bytesIn } from '../../src/audit/segment-bytes.ts';
import { directory } from './scene.ts';

const never = new AbortController().signal;

/** Lines that no member ends with. */
const text = Array.from({ length: 30_000 }, (_, n) => `{"seq":${n},"x":"${'y'.repeat(n % 97)}"}\n`);

async function compressed() {
  const path = join(directory(), 'w1-1.jsonl');
  writeFileSync(path, text.join(''));
  await compressSegment(path, never);
  return path;
}

describe('a compressed segment', () => {
  it('takes the place of the plain one, and any gzip reads it', async () => {
    const path = await compressed();
    expect(readdirSync(join(path, '..'))).toEqual(['w1-1.jsonl.gz']);
    expect(gunzipSync(readFileSync(`${path}.gz`)).toString()).toBe(text.join(''));
  });

  it('shows the lines and offsets of the plain one, by either path and from every place', async () => {
    const path = await compressed();
    const whole = text.join('').length;
    expect(bytesIn(`${path}.gz`)).toBe(whole);
    const offsets: number[] = [];
    const shown: string[] = [];
    eachLine({ path, from: 0, to: whole }, (line, offset) => {
      shown.push(line.toString());
      return offsets.push(offset) > 0;
    });
    expect(shown).toEqual(text);
    for (const at of [1, 12_345, 29_999]) {
      let first = '';
      eachLine({ path: `${path}.gz`, from: offsets[at] ?? 0, to: whole }, (line) => {
        first = line.toString();
        return false;
      });
      expect(first).toBe(text[at]);
    }
  });

  it('goes by the name of the plain one, which counts as long as it stands', async () => {
    const path = await compressed();
    const folder = join(path, '..');
    expect(segmentsIn(folder)).toEqual([
      expect.objectContaining({ name: 'w1-1.jsonl', path: `${path}.gz` }),
    ]);
    writeFileSync(path, 'plain\n');
    expect(segmentsIn(folder)).toEqual([expect.objectContaining({ path, bytes: 6 })]);
  });

  it('is not read a second time by a cursor that had read the plain one', async () => {
    const path = join(directory(), 'w1-1.jsonl');
    writeFileSync(path, text.join(''));
    const cursor = cursorBefore(join(path, '..'), 1e9);
    let count = 0;
    cursor.read(() => void count++);
    await compressSegment(path, never);
    cursor.read(() => void count++);
    expect(count).toBe(text.length);
  });

  it('is refused wherever one of its bytes is another', async () => {
    const path = await compressed();
    const bytes = readFileSync(`${path}.gz`);
    for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 150)) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      writeFileSync(`${path}.gz`, changed);
      let shown = '';
      const read = () =>
        eachLine({ path, from: 0, to: bytesIn(path) ?? 0 }, (line) => {
          shown += line.toString();
          return true;
        });
      expect(() => {
        read();
        if (shown !== text.join('')) throw new Error('damaged: it ends too early');
      }).toThrow('damaged');
    }
  });
});

describe('compressing that is stopped', () => {
  it('leaves the plain segment, and nothing else', async () => {
    const path = join(directory(), 'w1-1.jsonl');
    writeFileSync(path, text.join(''));
    await expect(compressSegment(path, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(readdirSync(join(path, '..'))).toEqual(['w1-1.jsonl']);
    expect(readFileSync(path, 'utf8')).toBe(text.join(''));
  });
});
