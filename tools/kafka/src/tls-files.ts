import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { KeyStore } from './server-properties.ts';

/** A self-signed certificate for 127.0.0.1, for tests: its password protects nothing. */
const PASSWORD = 'for-tests-only';

export interface TlsFiles {
  readonly keyStore: KeyStore;
  /** The certificate that clients must trust, PEM. */
  readonly caFile: string;
}

/** Creates (once a folder) a key store and the certificate in it, with the JDK's `keytool`. */
export function tlsFiles(folder: string): TlsFiles {
  const keyStore: KeyStore = { file: join(folder, 'broker.p12'), password: PASSWORD };
  const caFile = join(folder, 'ca.pem');
  const store = ['-keystore', keyStore.file, '-storepass', PASSWORD, '-alias', 'broker'];
  if (!existsSync(keyStore.file)) {
    const subject = ['-dname', 'CN=127.0.0.1', '-ext', 'SAN=ip:127.0.0.1,dns:localhost', '-validity', '3650'];
    keytool(['-genkeypair', '-keyalg', 'EC', '-storetype', 'PKCS12', ...store, ...subject]);
  }
  if (!existsSync(caFile)) keytool(['-exportcert', '-rfc', '-file', caFile, ...store]);
  return { keyStore, caFile };
}

function keytool(args: readonly string[]): void {
  const home = process.env['JAVA_HOME'];
  execFileSync(home ? join(home, 'bin', 'keytool') : 'keytool', args, { stdio: 'pipe' });
}
