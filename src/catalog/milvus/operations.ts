import { closedRows } from './closed.ts';
import { collectionRows } from './collections.ts';
import { dataRows } from './data.ts';
import { restRows } from './rest-only.ts';
import type { Row } from './row.ts';
import { serverRows } from './server.ts';

/** Every operation of Milvus that the gateway knows (milvus-proto, its master of August 2026). */
export const operations: readonly Row[] = [
  ...collectionRows,
  ...dataRows,
  ...serverRows,
  ...restRows,
  ...closedRows,
];
