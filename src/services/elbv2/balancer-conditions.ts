/** A rule's condition as data planes are told of it. */
import type { RuleCondition, TextPattern } from '#model/balancer.ts';
import type { ConditionRecord } from '#services/elbv2/tables.ts';

export function conditionOfRecord({ field, values = [], regexValues = [], pairs = [], headerName = '' }: ConditionRecord): RuleCondition {
  const regexes: readonly TextPattern[] = regexValues.map((regex) => ({ regex }));
  switch (field) {
    case 'host-header':
      return { field, patterns: [...values.map((value) => ({ glob: value.toLowerCase() })), ...regexes] };
    case 'path-pattern':
      return { field, patterns: [...values.map((value) => ({ glob: value })), ...regexes] };
    case 'http-header':
      return { field, name: headerName.toLowerCase(), patterns: [...values.map((value) => ({ glob: value })), ...regexes] };
    case 'http-request-method':
      return { field, methods: values };
    case 'query-string':
      return { field, pairs };
    case 'source-ip':
      return { field, cidrs: values };
  }
}
