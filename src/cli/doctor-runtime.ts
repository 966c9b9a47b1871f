import type { Finding } from './finding.ts';

/** The newest security release of each line of Node that is supported
 * (nodejs.org/en/blog/vulnerability), and what it mended. */
const securityReleases: Readonly<
  Record<string, { readonly version: string; readonly mends: string }>
> = {
  24: { version: '24.22.3', mends: 'a TLS server that can be crashed from outside' },
  26: { version: '26.13.1', mends: 'a TLS server that can be crashed from outside' },
};
const oldestSupported = 24;

/** Whether the Node that runs (`26.10.0`) has known holes. */
export function runtimeFindings(version: string): readonly Finding[] {
  const [major = 0] = numbersOf(version);
  if (major < oldestSupported) {
    const message = `Node ${version} gets no security releases, or lacks what the gateway needs`;
    return [finding('high', message, `Run Node ${oldestSupported} or later`)];
  }
  const known = securityReleases[major];
  if (!known || !isBefore(version, known.version)) return [];
  const than = `than the security release ${known.version}: ${known.mends}`;
  const message = `Node ${version} is older ${than}`;
  return [finding('medium', message, `Run Node ${known.version} or later of its line`)];
}

function finding(severity: Finding['severity'], message: string, remedy: string): Finding {
  return { id: 'runtime.outdated', severity, message, remedy };
}

function isBefore(version: string, other: string): boolean {
  const [mine, theirs] = [numbersOf(version), numbersOf(other)];
  const at = theirs.findIndex((part, index) => part !== mine[index]);
  return at >= 0 && (mine[at] ?? 0) < (theirs[at] ?? 0);
}

function numbersOf(version: string): number[] {
  return version.split(/[.-]/, 3).map(Number);
}
