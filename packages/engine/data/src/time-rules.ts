import { TandemError, type Training } from '@tandem-rec/contract';

import type { TimeRules } from './decode-record.ts';
import { parseIsoTime } from './event-time.ts';

/**
 * The bounds of believable event times as `training.time` sets them, at the moment `nowMs`. The upper bound follows the
 * clock: a run that must be repeated exactly keeps the bound that it used.
 *
 * @throws TandemError `TANDEM_CONFIG_WRONG_VALUE` if `notBefore` is not ISO 8601
 */
export function timeRules(time: Training['time'], nowMs: number): TimeRules {
  const notBeforeMs = parseIsoTime(time.notBefore);
  if (Number.isNaN(notBeforeMs))
    throw new TandemError(
      'TANDEM_CONFIG_WRONG_VALUE',
      `training.time.notBefore: "${time.notBefore}" is not ISO 8601 with Z or an offset.`,
    );
  return { notBeforeMs, notAfterMs: nowMs + time.aheadMs };
}
