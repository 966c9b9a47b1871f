import { openDemo } from '../support/gateway-database.ts';
import { tellWhoMay } from './stories/who-may.ts';

tellWhoMay(openDemo);
