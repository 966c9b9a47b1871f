/** A system call on a file, as strace saw it; `started` and `ended` are places in its output. */
export interface Call {
  readonly name: string;
  readonly text: string;
  readonly result: number;
  readonly started: number;
  readonly ended: number;
}

/** One change of the disk: until it is synced, a loss of power may undo it. */
export interface DiskOp {
  readonly started: number;
  readonly ended: number;
  /** The file whose bytes change; null: names in the directory. */
  readonly inode: number | null;
  readonly change:
    | { readonly do: 'write'; readonly at: number; readonly bytes: Buffer }
    | { readonly do: 'truncate'; readonly to: number }
    | { readonly do: 'name'; readonly name: string; readonly inode: number; readonly was?: string }
    | { readonly do: 'unname'; readonly name: string };
}

/** What came on the disk: all changes of a file (null: of the names) that had ended before. */
export interface DiskSync {
  readonly inode: number | null;
  readonly started: number;
  readonly ended: number;
}

/** A run, as far as its log and what was seen of its requests are concerned. */
export interface DiskTrace {
  readonly ops: readonly DiskOp[];
  readonly syncs: readonly DiskSync[];
  /** What clients and upstreams saw, and when. */
  readonly notes: readonly { readonly at: number; readonly file: string; readonly text: string }[];
  readonly calls: number;
}

/** What strace is to show of a process, so that `traceOf` can read it. */
export const straceArguments = [
  '-f',
  '-xx',
  '-s',
  '1000000',
  '-e',
  'trace=openat,open,close,write,writev,pwrite64,pwritev,fdatasync,fsync,sync_file_range,rename,' +
    'renameat,renameat2,unlink,unlinkat,truncate,ftruncate,fallocate',
];

/** Joins what strace split where another thread came between. */
function* callsIn(output: string): Generator<Call> {
  const unfinished = new Map<string, { text: string; started: number }>();
  for (const [place, line] of output.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(rest)?.[1];
    if (begun !== undefined) {
      unfinished.set(thread, { text: begun, started: place });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    const before = resumed === undefined ? null : unfinished.get(thread);
    const whole = resumed === undefined ? rest : `${before?.text ?? ''}${resumed}`;
    const [, name = '', text = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(whole) ?? [];
    const started = before?.started ?? place;
    if (name !== '') yield { name, text, result: Number(result), started, ended: place };
  }
}

/** The strings among the arguments of a call. */
function stringsIn(text: string): Buffer[] {
  return [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => {
    return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
  });
}

interface OpenFile {
  readonly inode: number | null;
  /** Of what is noted, not logged. */
  readonly note: string | null;
  position: number | null;
}

/** Reads what strace wrote of a process that keeps its log in this directory. */
export function traceOf(output: string, directory: string): DiskTrace {
  const ops: DiskOp[] = [];
  const syncs: DiskSync[] = [];
  const notes: { at: number; file: string; text: string }[] = [];
  const names = new Map<string, number>();
  const sizes: number[] = [];
  const open = new Map<number, OpenFile>();
  let calls = 0;
  const nameIn = (path: Buffer | undefined) => {
    const text = String(path);
    return text.startsWith(`${directory}/`) ? text.slice(directory.length + 1) : null;
  };
  const isOurs = (name: string | null): name is string =>
    !!name && /\.(jsonl|json|tmp)$/.test(name);
  const handlers: Record<string, (call: Call) => void> = {
    openat: ({ text, result: file, started, ended }) => {
      const [path] = stringsIn(text);
      const name = nameIn(path);
      const note = /\/(seen|told)$/.exec(String(path))?.[1] ?? null;
      if (String(path) === directory || note) {
        open.set(file, { inode: null, note, position: null });
      } else if (isOurs(name)) {
        let inode = names.get(name);
        if (inode === undefined) {
          inode = sizes.push(0) - 1;
          names.set(name, inode);
          ops.push({ started, ended, inode: null, change: { do: 'name', name, inode } });
        } else if (text.includes('O_TRUNC')) {
          sizes[inode] = 0;
          ops.push({ started, ended, inode, change: { do: 'truncate', to: 0 } });
        }
        open.set(file, { inode, note: null, position: text.includes('O_APPEND') ? null : 0 });
      }
    },
    close: ({ text }) => void open.delete(Number.parseInt(text, 10)),
    write: (call) => {
      const file = open.get(Number.parseInt(call.text, 10));
      const bytes = (stringsIn(call.text)[0] ?? Buffer.alloc(0)).subarray(0, call.result);
      if (file?.note) notes.push({ at: call.started, file: file.note, text: String(bytes) });
      if (!file || file.inode === null) return;
      const offset = /, (\d+)$/.exec(call.text)?.[1];
      const explicit = call.name === 'pwrite64' ? Number(offset) : file.position;
      const at = explicit ?? sizes[file.inode] ?? 0;
      if (file.position !== null) file.position = at + bytes.length;
      sizes[file.inode] = Math.max(sizes[file.inode] ?? 0, at + bytes.length);
      const { started, ended } = call;
      ops.push({ started, ended, inode: file.inode, change: { do: 'write', at, bytes } });
    },
    fdatasync: ({ text, started, ended }) => {
      const file = open.get(Number.parseInt(text, 10));
      if (file && !file.note) syncs.push({ inode: file.inode, started, ended });
    },
    ftruncate: ({ text, started, ended }) => {
      const file = open.get(Number.parseInt(text, 10));
      const to = Number(/, (\d+)$/.exec(text)?.[1]);
      if (!file || file.inode === null) return;
      sizes[file.inode] = to;
      ops.push({ started, ended, inode: file.inode, change: { do: 'truncate', to } });
    },
    rename: ({ text, started, ended }) => {
      const [was, name] = stringsIn(text).map(nameIn);
      const inode = names.get(was ?? '');
      if (!was || !name || inode === undefined) return;
      names.delete(was);
      names.set(name, inode);
      ops.push({ started, ended, inode: null, change: { do: 'name', name, inode, was } });
    },
    unlink: ({ text, started, ended }) => {
      const name = nameIn(stringsIn(text)[0]);
      if (!name || !names.delete(name)) return;
      ops.push({ started, ended, inode: null, change: { do: 'unname', name } });
    },
  };
  const same: Record<string, string> = {
    open: 'openat',
    pwrite64: 'write',
    fsync: 'fdatasync',
    renameat: 'rename',
    renameat2: 'rename',
    unlinkat: 'unlink',
  };
  for (const call of callsIn(output)) {
    calls = call.ended;
    if (call.result >= 0) handlers[same[call.name] ?? call.name]?.(call);
  }
  return { ops, syncs, notes, calls };
}
