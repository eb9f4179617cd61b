/**
 * A copy that structured clone and JSON take, whatever somebody put into the facts of a line or an error: what JSON cannot
 * say is told in words. Never throws.
 */
export function plainData(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  // The objects that the one at hand lies in, outermost first.
  const around: unknown[] = [];
  const plain = function (this: unknown, _key: string, value: unknown): unknown {
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Error) return value.message;
    if (typeof value !== 'object' || value === null) return value;
    while (around.length > 0 && around.at(-1) !== this) around.pop();
    if (around.includes(value)) return '[circular]';
    around.push(value);
    return value;
  };
  try {
    return JSON.parse(JSON.stringify(data, plain));
  } catch (error) {
    // A getter or a toJSON that throws.
    return { unreadable: error instanceof Error ? error.message : 'unknown' };
  }
}
