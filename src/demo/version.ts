/** What the database says it is: the Qdrant whose answers it gives. */
export const version = {
  title: 'qdrant - vector search engine',
  version: '1.18.3',
  commit: 'db8fa43fcb6aedec1e739487e17a99731b74590a',
} as const;
