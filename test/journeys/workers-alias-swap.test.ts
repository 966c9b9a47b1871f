import { openDemo } from '../support/gateway-database.ts';
import { tellAliasSwap } from './stories/alias-swap.ts';

tellAliasSwap(openDemo, { workers: 2 });
