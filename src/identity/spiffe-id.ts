const longest = 2048;
const trustDomain = /^[a-z0-9._-]{1,255}$/;
const segment = /^[A-Za-z0-9._-]+$/;

/** Whether a text names a workload as SPIFFE-ID, sections 2.1 to 2.3, writes it: a trust domain in
 * lower case and a path, without port, query, empty or dot segments. */
export function isSpiffeId(text: string): boolean {
  if (text.length > longest || !text.startsWith('spiffe://')) return false;
  const [domain = '', ...path] = text.slice('spiffe://'.length).split('/');
  if (!trustDomain.test(domain) || path.length === 0) return false;
  return path.every((each) => segment.test(each) && each !== '.' && each !== '..');
}
