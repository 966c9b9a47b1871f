#!/usr/bin/env node
// A checkout runs the source as it is; the published package, which has no src/, runs dist/.
import { existsSync } from 'node:fs';

const needed = 24;
if (Number.parseInt(process.versions.node, 10) < needed) {
  console.error(`vectorgate: needs Node ${needed} or newer, and this is ${process.versions.node}`);
  process.exit(1);
}

const source = new URL('../src/cli/main.ts', import.meta.url);
await import(
  existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href
);
