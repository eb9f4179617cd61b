import { TandemError } from '@tandem-rec/contract';

/** What to throw for an import that failed: a coded error that says what to install, or the error itself. */
export function providerMissing(model: string, packageName: string, error: unknown): unknown {
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string };
  // `initChatModel` has an error of its own for a package that it cannot find.
  const named = /Unable to import (\S+?)\.? /.exec(message)?.[1];
  if (code !== 'ERR_MODULE_NOT_FOUND' && named === undefined) return error;
  const install = named ?? packageName;
  return new TandemError('TANDEM_MODEL_PROVIDER_MISSING', `${model} needs the package ${install}.`, {
    remedy: `Install it beside your configuration: npm install ${install}`,
    details: { model, package: install },
  });
}
