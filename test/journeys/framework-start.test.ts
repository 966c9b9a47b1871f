import { openDemo } from '../support/gateway-database.ts';
import { tellFrameworkStart } from './stories/framework-start.ts';

tellFrameworkStart(openDemo);
