import { z } from 'zod';
import type { CredentialReport } from '../../admin/credentials.ts';
import type { Metrics } from '../../admin/metrics.ts';
import { type GatewayState, isReadyAlone, type Part } from '../../admin/state.ts';
import { statusOf } from '../../admin/status-routes.ts';
import { sumMetrics } from '../../admin/sum-metrics.ts';
import type { Problem } from '../../problem.ts';
import type { CredentialActions } from '../credential-actions.ts';
import type { KeySource } from '../key-source.ts';
import type { Reloader } from '../reload.ts';
import type { Siblings } from './line.ts';
import type { Question } from './message.ts';

/** What is asked of all workers together. */
export interface Whole {
  /** The status of each other worker. */
  others(): Promise<readonly unknown[]>;
  /** Adds the metrics of all. */
  metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** Loads a part anew, or everything, in every process; gives what stood against it. */
  reload(part: Part | null): Promise<readonly Problem[]>;
  credentials: CredentialActions;
}

/** What one process answers for itself. */
export interface Own {
  readonly state: GatewayState;
  readonly metrics: Metrics;
  readonly reloader: Reloader;
  readonly source: Pick<KeySource, 'refresh'>;
  readonly credentials: CredentialActions;
}

const problems = z.array(
  z.object({
    file: z.string(),
    line: z.number().nullable(),
    path: z.string(),
    message: z.string(),
    remedy: z.string(),
  }),
);

/** Answers for the whole gateway, and answers the other workers when they do. `siblings` is null
 * where this process is all there is. */
export function wholeOf(own: Own, siblings: Siblings | null): Whole {
  const { metrics } = own;
  const ask = async (question: Question): Promise<readonly unknown[]> =>
    siblings ? siblings.ask(question) : [];
  const reload = async (part: Part | null) => {
    if (part === null || part === 'keys') await own.source.refresh();
    return part === null ? own.reloader.reloadAll() : own.reloader.reloadPart(part);
  };
  siblings?.answers(async (question) => {
    if (question.about === 'status') return statusOf(own.state);
    if (question.about === 'metrics') return metrics.text();
    if (question.about === 'reload') return reload(question.part as Part | null);
    return own.credentials(question.action, question.upstream);
  });
  return {
    others: () => ask({ about: 'status' }),
    metrics: {
      contentType: metrics.contentType,
      text: async () => {
        const mine = await metrics.text();
        const others = await ask({ about: 'metrics' });
        if (others.length === 0) return mine;
        return sumMetrics([mine, ...others.filter(isText)]);
      },
    },
    reload: async (part) => {
      const mine = await reload(part);
      const told = (await ask({ about: 'reload', part })).map((found) => problems.parse(found));
      return distinct([...mine, ...told.flat()]);
    },
    credentials: async (action, upstream) => {
      const mine = await own.credentials(action, upstream);
      const told = await ask({ about: 'credentials', action, upstream });
      return mine.map((report, index) => worst(report, told as CredentialReport[][], index));
    },
  };
}

/** Tells the others whenever this worker becomes able to serve, or ceases to be. Gives what ends
 * it. */
export function tellStanding(state: GatewayState, siblings: Siblings | null): () => void {
  if (!siblings) return () => undefined;
  let told: boolean | null = null;
  const tell = () => {
    const ready = isReadyAlone(state);
    if (ready !== told) siblings.standing(ready);
    told = ready;
  };
  tell();
  const timer = setInterval(tell, standingEvery).unref();
  return () => {
    tell();
    clearInterval(timer);
  };
}

const standingEvery = 250;

function distinct(found: readonly Problem[]): readonly Problem[] {
  return [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** What went wrong anywhere went wrong. */
function worst(
  mine: CredentialReport,
  others: readonly (readonly CredentialReport[])[],
  index: number,
): CredentialReport {
  const all = [mine, ...others.flatMap((reports) => reports?.[index] ?? [])];
  return all.find(({ ok }) => !ok) ?? mine;
}

function isText(told: unknown): told is string {
  return typeof told === 'string';
}
