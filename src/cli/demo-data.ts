const cities = ['Berlin', 'London', 'Moscow', 'Beijing', 'Mumbai', 'Lisbon'];

/** Makes the collection `demo` with a few points. Rejects where the database does not take it. */
export async function seedDemo(database: string, credential: string): Promise<void> {
  const put = async (path: string, body: unknown) => {
    const headers = { 'api-key': credential, 'content-type': 'application/json' };
    const answer = await fetch(database + path, {
      method: 'PUT',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the demo database refused ${path}: ${await answer.text()}`);
  };
  const points = cities.map((city, index) => ({
    id: index + 1,
    vector: [0, 1, 2, 3].map((part) => Number(Math.cos(index + part).toFixed(2))),
    payload: { city },
  }));
  await put('/collections/demo', { vectors: { size: 4, distance: 'Cosine' } });
  await put('/collections/demo/points?wait=true', { points });
}

const query = '[0.2, 0.1, 0.9, 0.7]';

/** A line for each client, to paste into a shell as it stands. */
export function demoLines(url: string, ca: string, key: string): readonly string[] {
  return [
    `curl --cacert ${ca} -H 'api-key: ${key}' ${url}/collections/demo/points/query ` +
      `-H 'content-type: application/json' ` +
      `-d '{"query": ${query}, "limit": 3, "with_payload": true}'`,
    '',
    `python3 -c 'from qdrant_client import QdrantClient as Q; ` +
      `print(Q(url="${url}", api_key="${key}", verify="${ca}")` +
      `.query_points("demo", query=${query}, limit=3).points)'`,
    '',
    `NODE_EXTRA_CA_CERTS=${ca} node --input-type=module -e '` +
      `import { QdrantClient } from "@qdrant/js-client-rest"; ` +
      `const q = new QdrantClient({ url: "${url}", apiKey: "${key}" }); ` +
      `console.log(await q.query("demo", { query: ${query}, limit: 3, with_payload: true }))'`,
  ];
}
