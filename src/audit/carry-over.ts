import { genesis } from './chain.ts';
import { eachLine, type Stretch } from './lines.ts';
import type { RecordBody } from './record.ts';

/** What is written anew, and how many checkpoints are not. */
export interface CarriedOver {
  readonly bodies: RecordBody[];
  readonly passedOver: number;
}

const tailBytes = genesis.length + ',"prev":""}\n'.length;

/**
 * Reads back the records that were written but not synced when a log failed, without their places,
 * so that they can be written anew: the failed file may lose them still. Gives those that can be
 * read. Checkpoints are passed over: they speak of a place that is no more.
 */
export function carryOver(stretches: readonly Stretch[]): CarriedOver {
  const bodies: RecordBody[] = [];
  let passedOver = 0;
  try {
    for (const stretch of stretches) {
      eachLine(stretch, (line) => {
        const text = line.toString('latin1', 0, line.length - tailBytes);
        if (line.includes('"kind":"checkpoint"')) passedOver++;
        else bodies.push(text.slice(text.indexOf(',"time":"') + 1));
        return true;
      });
    }
  } catch {
    // What cannot be read back is told as dropped.
  }
  return { bodies, passedOver };
}
