import type { LeakFinding } from '@tandem-rec/data';

const MARKS = { ok: '✓', noted: '–', leak: '✗' } as const;

/** Findings for people, a line each, as `tandem doctor` shows its own. */
export function leakText(findings: readonly LeakFinding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, state, found, remedy }) => [
      `  ${MARKS[state]} ${check.padEnd(width)}  ${found}`,
      ...(state === 'leak' && remedy !== undefined ? [`    ${' '.repeat(width)}  → ${remedy}`] : []),
    ])
    .join('\n');
}
