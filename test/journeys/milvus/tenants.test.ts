import { openMilvusDouble } from '../../support/milvus/double.ts';
import { tellTenants } from './stories/tenants.ts';

tellTenants(() => openMilvusDouble());
