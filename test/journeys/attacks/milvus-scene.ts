import { startGateway } from '../../support/gateway.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { emptyDatabase, newCollection } from '../../support/milvus/store.ts';
import type { Scene } from './scene.ts';

/** A gateway under attack, and the Milvus behind it. */
export interface MilvusScene {
  readonly scene: Scene;
  readonly double: MilvusDouble;
  /** The id of the collection `sec`. */
  readonly secretId: string;
  readonly key: string;
  /** What reached, since the last time this was called, anything but `pub` and `ghost*` of `default`: what
   * was touched, and what was asked with a foreign name in it. */
  foreign(): readonly string[];
  close(): Promise<void>;
}

/** What the gateway asks on its own, to know names. */
const own = /\/(ListDatabases|ShowCollections|ListAliases|DescribeAlias)$/;

/**
 * Opens the scene: `pub` and `sec` in the databases `default` and `acme`, `pub_alias` to the first and
 * `sec_alias` to the other. Whoever attacks may do all, `admin` too, with `pub`, its alias and
 * `ghost*` of `default`.
 */
export async function openMilvusScene(): Promise<MilvusScene> {
  const double = await openMilvusDouble({ lenient: true });
  const schema = { fields: [{ name: 'id', data_type: 5, is_primary_key: true }] };
  double.store.set('acme', emptyDatabase());
  for (const { collections, aliases } of double.store.values()) {
    for (const name of ['pub', 'sec']) collections.set(name, newCollection({ name, ...schema }));
    aliases.set('pub_alias', 'pub').set('sec_alias', 'sec');
  }
  const role = 'allow: [{ collections: [pub, pub_alias, "ghost*"], access: [m, admin] }]';
  const gateway = await startGateway({
    database: double,
    policies: { own: role },
    keys: { own: { roles: ['own'] } },
    limits: { failures: { delay: '0s' } },
  });
  let [seen, heard] = [0, 0];
  return {
    scene: { gateway } as unknown as Scene,
    double,
    secretId: double.store.get('default')?.collections.get('sec')?.id ?? '',
    key: `Bearer ${gateway.keys['own']}`,
    foreign: () => {
      const touched = double.touched.slice(seen);
      const came = double.came.slice(heard).filter(({ target }) => !own.test(target));
      [seen, heard] = [double.touched.length, double.came.length];
      return [
        ...touched.filter((each) => !/ default\/(pub$|ghost)/.test(each)),
        ...came
          .filter(({ body }) => /sec|acme/.test(body.toString('latin1')))
          .map(({ target }) => target),
        ...came.filter(({ target }) => /sec|acme/.test(target)).map(({ target }) => target),
      ];
    },
    close: async () => {
      await gateway.stop();
      await double.close();
    },
  };
}
