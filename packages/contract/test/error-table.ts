import { ERRORS } from '../src/errors.ts';

/** The page of all error codes: one heading a code, so that each can be linked to. */
export function renderErrorTable(): string {
  const codes = Object.entries(ERRORS).map(
    ([code, { summary, remedy }]) => `## ${code}\n\n${summary}\n\n**What to do:** ${remedy}\n`,
  );
  return `# Errors

Every error that Tandem reports has a code. Codes are stable: scripts may rely on them. A message says what was met; this page
says what a code means and what to do. A configuration's errors come together: \`TANDEM_CONFIG_INVALID\` lists all of them, each
with its own code, path and position.

${codes.join('\n')}`;
}
