import { Script } from 'node:vm';
import { TandemError } from '@tandem-rec/contract';

/** The names of one plugin, in every spelling. */
export interface PluginNames {
  /** Of the package, with its scope if it has one: `@films/my-plugin`. */
  readonly package: string;
  /** Of files: `my-plugin`. */
  readonly file: string;
  /** Of the factory, and of the plugin in configurations: `myPlugin`. */
  readonly factory: string;
  /** For classes: `MyPlugin`. */
  readonly type: string;
}

/** npm's rules, and a part that reads as a word in code. */
const PACKAGE = /^(?:@[a-z0-9][a-z0-9._-]*\/)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/;

/** Throws `TANDEM_CLI_USAGE` for what cannot be the name of a package and of a plugin. */
export function pluginNames(name: string): PluginNames {
  const file = PACKAGE.exec(name)?.[1];
  if (file === undefined || name.length > 214)
    throw new TandemError('TANDEM_CLI_USAGE', `"${name}" cannot be the name of a plugin's package.`, {
      remedy: 'Use lower-case letters, digits and single dashes, beginning with a letter: my-model, @films/my-model.',
    });
  const factory = file.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  if (isReserved(factory))
    throw new TandemError('TANDEM_CLI_USAGE', `"${factory}" is a word of JavaScript.`, {
      remedy: 'Choose another name.',
    });
  return { package: name, file, factory, type: factory.replace(/^./, (letter) => letter.toUpperCase()) };
}

function isReserved(word: string): boolean {
  if (word === 'await') return true;
  try {
    new Script(`'use strict'; const ${word} = 0`);
    return false;
  } catch {
    return true;
  }
}
