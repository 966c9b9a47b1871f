import { sourceFiles } from './source.ts';

/** Longer than any file may be. */
const hardStop = 400;
const widest = 100;
const longestFunction = 30;
const mostExports = 3;

/** Files that may be longer, each with the reason a reader would accept. */
const tables: Readonly<Record<string, string>> = {
  'src/catalog/qdrant/operations.ts': 'a table: every operation of the database, row by row',
  'src/demo/grpc/schema.ts': 'a table: every message the demo database speaks, field by field',
};

const files = sourceFiles('src');
const lengths = files.map(({ lines }) => lines.length).sort((a, b) => a - b);
const quantile = (part: number) => lengths[Math.floor(part * (lengths.length - 1))] ?? 0;

const sum = lengths.reduce((total, length) => total + length, 0);
console.log(`${files.length} files, ${sum} lines`);
console.log(`lines per file: median ${quantile(0.5)} (aim 80), p90 ${quantile(0.9)} (aim 250)`);
console.log(`longest: ${lengths.at(-1)} (stop ${hardStop})`);

const failures: string[] = [];

function report(title: string, rows: readonly string[], stops: boolean): void {
  console.log(`${title}: ${rows.length}`);
  for (const row of rows) console.log(`  ${row}`);
  if (stops) failures.push(...rows);
}

report(
  `files over ${hardStop} lines that are no table`,
  files
    .filter(({ path, lines }) => lines.length > hardStop && !(path in tables))
    .map(({ path, lines }) => `${path} ${lines.length}`),
  true,
);
report(
  `lines over ${widest} columns`,
  files.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) =>
      line.length > widest ? [`${path}:${index + 1} ${line.length}`] : [],
    ),
  ),
  false,
);
report(
  `functions over ${longestFunction} lines`,
  files.flatMap(({ path, functions }) =>
    functions
      .filter(({ lines }) => lines > longestFunction)
      .map(({ name, lines }) => `${path} ${name} ${lines}`),
  ),
  false,
);
report(
  `files with more than ${mostExports} exported values`,
  files
    .filter(({ exports }) => exports.length > mostExports)
    .map(({ path, exports }) => `${path} ${exports.join(' ')}`),
  false,
);
report(
  'exceptions that are none any more',
  Object.keys(tables).filter(
    (table) => !files.some(({ path, lines }) => path === table && lines.length > hardStop),
  ),
  true,
);

if (failures.length > 0) process.exitCode = 1;
