import type { ClientHttp2Session } from 'node:http2';
import { startGateway } from '../../support/gateway.ts';
import { openMilvusDouble } from '../../support/milvus/double.ts';
import { emptyDatabase, newCollection, type Store } from '../../support/milvus/store.ts';
import { ask, openSession, type Scene, type Streamed } from './scene.ts';

/** Who may do what: all with what it names; reading of one; nothing; all that needs no collection; and
 * all in a database, but for what a deny takes out. */
const policies = {
  own: 'allow: [{ collections: [pub, pub_alias, "ghost*"], access: [m, admin] }]',
  reader: 'allow: [{ collections: [pub, pub_alias], access: r }]',
  nothing: 'allow: [{ collections: [nowhere], access: r }]',
  server: 'allow: [{ access: [list, observe, manage, admin] }]',
  denied:
    'allow: [{ collections: ["*"], access: [m, admin] }]\ndeny: [{ collections: [sec, sec_alias] }]',
};

/** Who asks. */
export type Principal = keyof typeof policies;

/** Everybody who asks. */
export const principals = Object.keys(policies) as readonly Principal[];

/** The id of `sec`, in the world that has it. */
export const secretId = '470644951726686123';

/** A gateway before a Milvus. */
export interface World {
  /** What it answers: without what differs between any two answers. */
  tell(who: Principal, fields: readonly string[], body: Buffer | null): Promise<Told>;
  close(): Promise<void>;
}

/** What was heard. */
export type Told = Pick<Streamed, 'status' | 'grpc' | 'refusal' | 'fields' | 'body' | 'code'>;

/** Opens a world with the collection `sec`, an alias of it and the database `acme`, or one without. */
export async function openWorld(secret: boolean): Promise<World> {
  const double = await openMilvusDouble({ lenient: true });
  seed(double.store, secret);
  const keys = Object.fromEntries(principals.map((role) => [role, { roles: [role] }]));
  const limits = { failures: { delay: '0s' } };
  const gateway = await startGateway({ database: double, policies, keys, limits });
  const session = openSession({ gateway } as unknown as Scene, 'grpc');
  return {
    tell: (who, fields, body) =>
      tell(session, [...fields, 'authorization', `Bearer ${gateway.keys[who]}`], body),
    close: async () => {
      session.destroy();
      await gateway.stop();
      await double.close();
    },
  };
}

function seed(store: Store, secret: boolean): void {
  const schema = { fields: [{ name: 'id', data_type: 5, is_primary_key: true }] };
  const [first, second] = [emptyDatabase(), emptyDatabase()];
  first.collections.set('pub', newCollection({ name: 'pub', ...schema }));
  first.aliases.set('pub_alias', 'pub');
  store.clear();
  store.set('default', first);
  if (!secret) return;
  first.collections.set('sec', { ...newCollection({ name: 'sec', ...schema }), id: secretId });
  first.aliases.set('sec_alias', 'sec');
  second.collections.set('sec', newCollection({ name: 'sec', ...schema }));
  store.set('acme', second);
}

async function tell(session: ClientHttp2Session, fields: readonly string[], body: Buffer | null) {
  const { request = '', ...told } = await ask(session, fields, body);
  const without = (text: string) => text.replaceAll(request, 'ID');
  return { ...told, body: without(told.body), fields: told.fields.map(without) };
}
