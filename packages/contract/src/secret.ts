import { z } from 'zod';
import { TandemError } from './errors.ts';

/**
 * An option that must not stand in a file: the value itself, or `{ env: 'NAME' }`. The reference stays in the
 * composition as written, so that neither its hash nor its description holds the secret; the plugin resolves it when it
 * is created.
 */
export const secretSchema = z
  .union([
    z.string(),
    z.strictObject({ env: z.string().min(1).describe('Name of the environment variable that holds the value.') }),
  ])
  // The mark by which messages, hash and description know what not to show, even where the value itself was written.
  .meta({ secret: true });

/** A secret as a configuration holds it. */
export type Secret = z.output<typeof secretSchema>;

/**
 * The value behind a secret. Call it in `create`, never while a configuration is loaded.
 *
 * @param env Where references are looked up; default: the process's environment at the time of the call.
 * @throws `TANDEM_CONFIG_MISSING_SECRET` if the variable is not set.
 */
export function resolveSecret(secret: Secret, env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (typeof secret === 'string') return secret;
  const value = env[secret.env];
  if (value === undefined) {
    throw new TandemError('TANDEM_CONFIG_MISSING_SECRET', `The environment variable ${secret.env} is not set.`, {
      details: { variable: secret.env },
    });
  }
  return value;
}
