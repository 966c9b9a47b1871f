import { describe, expect, it } from 'vitest';
import { sumMetrics } from '../../src/admin/sum-metrics.ts';

const one = `# HELP vectorgate_requests_total Requests
# TYPE vectorgate_requests_total counter
vectorgate_requests_total{upstream="main",status="2xx"} 3
# HELP vectorgate_ready Whether
# TYPE vectorgate_ready gauge
vectorgate_ready 1
# HELP vectorgate_audit_ready Whether
# TYPE vectorgate_audit_ready gauge
vectorgate_audit_ready 1
# HELP vectorgate_added_seconds Time
# TYPE vectorgate_added_seconds histogram
vectorgate_added_seconds_bucket{le="+Inf",upstream="main"} 2
vectorgate_added_seconds_sum{upstream="main"} 0.5
`;
const other = `# HELP vectorgate_requests_total Requests
# TYPE vectorgate_requests_total counter
vectorgate_requests_total{upstream="main",status="2xx"} 4
vectorgate_requests_total{upstream="main",status="4xx"} 1
# HELP vectorgate_ready Whether
# TYPE vectorgate_ready gauge
vectorgate_ready 0
# HELP vectorgate_audit_ready Whether
# TYPE vectorgate_audit_ready gauge
vectorgate_audit_ready 0
# HELP vectorgate_added_seconds Time
# TYPE vectorgate_added_seconds histogram
vectorgate_added_seconds_bucket{le="+Inf",upstream="main"} 5
vectorgate_added_seconds_sum{upstream="main"} 0.25
`;

describe('metrics of several processes', () => {
  it('add what is counted, and tell the best or the worst of what is one thing', () => {
    expect(sumMetrics([one, other])).toBe(`# HELP vectorgate_requests_total Requests
# TYPE vectorgate_requests_total counter
vectorgate_requests_total{upstream="main",status="2xx"} 7
vectorgate_requests_total{upstream="main",status="4xx"} 1
# HELP vectorgate_ready Whether
# TYPE vectorgate_ready gauge
vectorgate_ready 1
# HELP vectorgate_audit_ready Whether
# TYPE vectorgate_audit_ready gauge
vectorgate_audit_ready 0
# HELP vectorgate_added_seconds Time
# TYPE vectorgate_added_seconds histogram
vectorgate_added_seconds_bucket{le="+Inf",upstream="main"} 7
vectorgate_added_seconds_sum{upstream="main"} 0.75
`);
  });

  it('leave those of one as they are', () => {
    expect(sumMetrics([other])).toBe(other);
  });
});
