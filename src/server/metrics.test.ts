import { describe, expect, it } from 'vitest';
import { createMetrics, createRegistry } from '#server/metrics.ts';

describe('metrics', () => {
  it('counts by labels', () => {
    const registry = createRegistry();
    const calls = registry.counter('calls_total', 'Calls.', ['service', 'code']);
    calls.add(['ec2', 'OK']);
    calls.add(['ec2', 'OK'], 2);
    calls.add(['iam', 'NoSuchEntity']);
    expect(registry.render()).toBe(
      '# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total{service="ec2",code="OK"} 3\ncalls_total{service="iam",code="NoSuchEntity"} 1\n',
    );
  });

  it('counts durations into cumulative buckets', () => {
    const registry = createRegistry();
    const times = registry.histogram('seconds', 'Time.', ['op']);
    for (const seconds of [0.0001, 0.0005, 0.3, 60]) times.observe(['A'], seconds);
    const lines = registry.render().split('\n');
    expect(lines).toContain('seconds_bucket{op="A",le="0.0005"} 2');
    expect(lines).toContain('seconds_bucket{op="A",le="0.25"} 2');
    expect(lines).toContain('seconds_bucket{op="A",le="0.5"} 3');
    expect(lines).toContain('seconds_bucket{op="A",le="10"} 3');
    expect(lines).toContain('seconds_bucket{op="A",le="+Inf"} 4');
    expect(lines).toContain('seconds_count{op="A"} 4');
    expect(lines).toContain('seconds_sum{op="A"} 60.3006');
  });

  it('takes no more labels than it has room for, whoever invents them', () => {
    const registry = createRegistry();
    const calls = registry.counter('calls_total', 'Calls.', ['name']);
    for (let i = 0; i < 5_000; i += 1) calls.add([`n${i}`]);
    const text = registry.render();
    expect(text.split('\n').length).toBeLessThan(2_010);
    expect(text).toContain('calls_total{name="n0"} 1\n');
    expect(text).toContain('calls_total{name="other"} 3000\n');
  });

  it('escapes and cuts what clients may have written', () => {
    const registry = createRegistry();
    registry.counter('calls_total', 'Calls.', ['name']).add([`a"b\\c\nd${'e'.repeat(200)}`]);
    expect(registry.render()).toContain(`calls_total{name="a\\"b\\\\c\\nd${'e'.repeat(73)}"} 1\n`);
  });

  it('has the server’s own', () => {
    const metrics = createMetrics();
    metrics.request({ service: 'ec2', operation: 'CreateVpc', code: undefined, ms: 3 });
    metrics.request({ service: 'ec2', operation: 'CreateVpc', code: 'VpcLimitExceeded', ms: 1 });
    metrics.refusal('too-large');
    metrics.commit(3);
    metrics.gauge('keiro_connections', 'Open connections.', () => 7);
    const lines = metrics.render().split('\n');
    expect(lines).toContain('keiro_requests_total{service="ec2",operation="CreateVpc",code="OK"} 1');
    expect(lines).toContain('keiro_requests_total{service="ec2",operation="CreateVpc",code="VpcLimitExceeded"} 1');
    expect(lines).toContain('keiro_request_duration_seconds_count{service="ec2",operation="CreateVpc"} 2');
    expect(lines).toContain('keiro_refused_requests_total{kind="too-large"} 1');
    expect(lines).toContain('keiro_store_commits_total 1');
    expect(lines).toContain('keiro_store_changes_total 3');
    expect(lines).toContain('keiro_connections 7');
    expect(lines.find((line) => line.startsWith('process_resident_memory_bytes '))).toMatch(/ \d{7,}$/);
    for (const line of lines) expect(line).toMatch(/^$|^# (?:HELP|TYPE) |^[a-z_]+(?:\{(?:[a-z]+="[^"]*",?)+\})? [\d.e+-]+$/);
  });
});
