// npm run bench -- models|ratings|stream|kernels|language [options]
import { TandemError } from '@tandem-rec/contract';

const HELP = `Usage: npm run bench -- <what> [options]

  models    quality and speed of every model on public data, beside other libraries
  ratings   how well models of features tell liked items from others
  stream    events a second through the whole loop, and what each stage of it costs
  kernels   what models spend their time in, beside plain TypeScript and native TensorFlow
  language  texts to vectors and what a step of learning through a pretrained transformer costs, beside others

Each has a --help of its own.`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  // Loaded when asked for: none needs what another does.
  models: async (args) => (await import('./models/command.ts')).modelsCommand(args),
  ratings: async (args) => (await import('./models/command.ts')).modelsCommand(['--ratings', ...args]),
  stream: async (args) => (await import('./stream/command.ts')).streamCommand(args),
  kernels: async (args) => (await import('./kernels/command.ts')).kernelsCommand(args),
  language: async (args) => (await import('./language/command.ts')).languageCommand(args),
};

const [name = '', ...rest] = process.argv.slice(2);
try {
  process.exitCode = await run();
} catch (error) {
  if (TandemError.is(error)) console.error(`${error.code}: ${error.message}\n${error.remedy}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = TandemError.is(error) && error.code === 'TANDEM_CLI_USAGE' ? 2 : 1;
}

function run(): Promise<number> {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name](rest);
  if (name !== '--help')
    throw new TandemError('TANDEM_CLI_USAGE', `There is no benchmark "${name}".`, { remedy: HELP });
  console.log(HELP);
  return Promise.resolve(0);
}
