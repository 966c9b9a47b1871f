import { openAudit } from '../../src/audit/audit.ts';
import { auditSection } from '../../src/audit/config.ts';

const [directory] = process.argv.slice(2);
await openAudit({ ...auditSection.parse({}), directory: directory ?? '' });
process.stdout.write('open\n');
setInterval(() => {}, 1000);
