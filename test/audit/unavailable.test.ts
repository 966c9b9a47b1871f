import { describe, expect, it } from 'vitest';
import { auditSection } from '../../src/audit/config.ts';
import { Refusal } from '../../src/refusal.ts';
import { fallibleFiles } from './fallible-files.ts';
import {
  changing,
  config,
  digest,
  exchange,
  lines,
  opened,
  outcome,
  permit,
  reading,
  seconds,
} from './scene.ts';

const { unavailable } = auditSection.parse({ unavailable: { read: 'forward' } });

describe('`unavailable: forward`', () => {
  it('lets its class pass unrecorded while the log cannot be written, and tells how many', async () => {
    const of = config({ unavailable });
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    files.fail('write', 'ENOSPC');
    for (let n = 0; n < 3; n++) {
      const trail = await audit.begin(exchange({ id: 'unrecorded' }), permit(reading));
      trail.attempt(2);
      await trail.end(outcome);
    }
    await expect(audit.begin(exchange(), permit(changing))).rejects.toThrow(Refusal);
    expect(log.status).toMatchObject({ ready: false, unrecorded: { read: 3, write: 0 } });
    files.mend();
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    expect(lines(of)).toContainEqual(
      expect.objectContaining({ kind: 'fault', unrecorded: { read: 3, write: 0 } }),
    );
    expect(lines(of).some(({ request }) => request === 'unrecorded')).toBe(false);
  });

  it('keeps the outcome of what was recorded, once the log is back', async () => {
    const of = config({ unavailable: { read: 'forward', write: 'forward' } });
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    const before = await audit.begin(exchange({ id: 'before' }), permit(changing));
    files.fail('datasync', 'EIO');
    const written = await audit.begin(exchange({ id: 'written' }), permit(changing));
    await written.end(outcome);
    await before.end(outcome);
    files.mend();
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    const ended = lines(of).filter(({ kind }) => kind === 'outcome');
    expect(ended.map(({ request, status }) => [request, status])).toEqual([
      ['written', 0],
      ['before', 0],
    ]);
    expect(log.status.unrecorded).toEqual({ read: 0, write: 0 });
  });
});
