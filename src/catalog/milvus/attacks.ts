import { Refusal } from '../../refusal.ts';
import type { Head } from '../operation.ts';

/**
 * By `sourceid` the members of a Milvus cluster told each other who they are; up to 2.4.23, 2.5.20
 * and 2.6.4 it opened the database to whoever wrote it (CVE-2025-64513). No client ever sends it.
 */
const memberFields = ['sourceid', 'source-id', 'source_id'];

/** What no client of Milvus sends, but who attacks it. */
export function attackIn(head: Head): Refusal | null {
  const name = memberFields.find((each) => shows(head, each));
  if (name === undefined) return null;
  const reason = `${name} passes for a member of the Milvus cluster (CVE-2025-64513)`;
  return new Refusal('unreadable-request', reason, { alert: 'sourceid' });
}

function shows(head: Head, name: string): boolean {
  try {
    return head.field(name) !== undefined;
  } catch (error) {
    if (error instanceof Refusal) return true;
    throw error;
  }
}
