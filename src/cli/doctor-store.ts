import type { StoreConfig } from '../store/config.ts';
import type { Finding } from './finding.ts';

/** What is wrong with the store that gateways share: it does not answer, is empty, or may
 * forget. */
export async function storeFindings(config: StoreConfig | undefined): Promise<readonly Finding[]> {
  if (!config) return [];
  const { visitStore } = await import('../store/visit.ts');
  try {
    const visit = await visitStore(config);
    try {
      return await lookAt(visit);
    } finally {
      visit.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const remedy = 'Start it, or correct store.url and its credentials; see docs/store.md';
    return [{ id: 'store.lost', severity: 'high', message, remedy }];
  }
}

interface Looked {
  empty(): Promise<boolean>;
  setting(name: string): Promise<string | null>;
}

async function lookAt(store: Looked): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (await store.empty()) {
    const message = 'the store is empty: no gateway can start on it where its keys are there';
    const remedy = 'Bring its data back, or make the first key: vectorgate keys create --config …';
    findings.push({ id: 'store.empty', severity: 'high', message, remedy });
  }
  const policy = await store.setting('maxmemory-policy');
  if (policy !== null && policy !== 'noeviction') {
    const message = `the store evicts what it holds (${policy}), keys and revocations too`;
    const remedy = 'Set maxmemory-policy noeviction';
    findings.push({ id: 'store.evicts', severity: 'high', message, remedy });
  }
  if ((await store.setting('appendonly')) === 'no') {
    const message = 'the store forgets the last changes, or all of them, when it dies';
    const remedy = 'Set appendonly yes, so that no revocation is lost';
    findings.push({ id: 'store.forgets', severity: 'medium', message, remedy });
  }
  return findings;
}
