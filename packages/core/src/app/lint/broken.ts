// lint/broken.ts: what the validator says when a rule is broken.

import { Fault } from '../../faults.ts';
import { GATEWAY_RULES, type RuleNumber } from '../gateway-rules.ts';

/** Faults: GATEWAY_RULE_BROKEN, unless the rule is kept. `why`: what was found, as it completes "the app ..." or "the server ...". */
export function check(isKept: boolean, rule: RuleNumber, why: () => string): asserts isKept {
  if (!isKept) throw broken(rule, why());
}

export function broken(rule: RuleNumber, why: string, cause?: unknown): Fault {
  const { keeper, text } = GATEWAY_RULES[rule];
  return new Fault('GATEWAY_RULE_BROKEN', { rule, by: keeper, why, text }, { cause });
}
