const ISO_8601 = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d)))?$/;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Milliseconds since the epoch of an ISO 8601 text, or NaN. A time of day needs its offset (`Z`, `+02:00`): without one
 * it would mean another moment on every machine. A date alone is its midnight in UTC. Digits beyond milliseconds are cut.
 * Stricter than `Date.parse`, which takes `"1"` and 31 February for dates.
 */
export function parseIsoTime(text: string): number {
  const found = ISO_8601.exec(text);
  if (found === null) return NaN;
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    sign,
    offsetHours = '0',
    offsetMinutes = '0',
  ] = found;
  const midnight = new Date(0).setUTCFullYear(+year, +month - 1, +day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== +month - 1 || date.getUTCDate() !== +day) return NaN;
  if (+hour > 23 || +minute > 59 || +second > 59 || +offsetHours > 23 || +offsetMinutes > 59) return NaN;
  const offset = (sign === '-' ? -1 : 1) * (+offsetHours * HOUR_MS + +offsetMinutes * MINUTE_MS);
  return (
    midnight + +hour * HOUR_MS + +minute * MINUTE_MS + +second * 1000 + +fraction.padEnd(3, '0').slice(0, 3) - offset
  );
}
