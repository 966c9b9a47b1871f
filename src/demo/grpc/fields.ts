import { schema } from './schema.ts';

/** The types that a field has on its own. */
export type ScalarType =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string'
  | 'enum';

/** A field of a message. */
export interface MessageField {
  readonly number: number;
  readonly name: string;
  /** A scalar type, or else the name of a message. */
  readonly type: string;
  readonly form: 'single' | 'repeated' | 'map';
  /** Whether a default value that was sent differs from none. */
  readonly presence: boolean;
  readonly oneof: string | undefined;
}

/** What a message consists of. */
export interface MessageShape {
  readonly fields: readonly MessageField[];
  readonly byNumber: ReadonlyMap<number, MessageField>;
}

const scalarTypes: ReadonlySet<string> = new Set<ScalarType>([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'bool',
  'string',
  'enum',
]);

const shapes = new Map<string, MessageShape>();

/** Whether a type is one of a value without parts. */
export function isScalar(type: string): type is ScalarType {
  return scalarTypes.has(type);
}

/** The shape of a message, read from the table when it is first needed. */
export function shapeOf(message: string): MessageShape {
  const known = shapes.get(message);
  if (known) return known;
  const text = schema[message];
  if (text === undefined) throw new Error(`no message ${message}`);
  const fields = text === '' ? [] : text.split(', ').map(readField);
  const shape = { fields, byNumber: new Map(fields.map((field) => [field.number, field])) };
  shapes.set(message, shape);
  return shape;
}

function readField(text: string): MessageField {
  const [number, name = '', declared = ''] = text.split(' ');
  const [written = '', oneof] = declared.split('@');
  const mapping = written.startsWith('map:');
  const repeated = written.endsWith('*');
  const type = written.replace(/^map:/, '').replace(/[*?]$/, '');
  const presence = written.endsWith('?') || oneof !== undefined;
  const form = mapping ? 'map' : repeated ? 'repeated' : 'single';
  return { number: Number(number), name, type, form, presence, oneof };
}
