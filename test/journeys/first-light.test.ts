import { openDemo } from '../support/gateway-database.ts';
import { tellFirstLight } from './stories/first-light.ts';

tellFirstLight(openDemo);
