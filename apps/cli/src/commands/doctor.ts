import { Command, InvalidArgumentError, Option } from 'commander';
import type { Finding } from '../doctor/finding.ts';
import { lookAtBroker } from '../doctor/kafka.ts';
import { lookAtBrokerTools, lookAtFolders, lookAtMachine } from '../doctor/machine.ts';
import { lookAtPlugins } from '../doctor/plugins.ts';
import { lookAtTensors } from '../doctor/tensors.ts';
import { jsonOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';

const EXAMPLES = `
Examples:
  tandem doctor
  tandem doctor --kafka 127.0.0.1:9092 --json -

Ends with 1 if something required, or asked for, does not work; what is merely missing is named with what it would bring.`;

interface DoctorFlags {
  readonly kafka?: string;
  readonly json?: string;
}

/** `tandem doctor`: what is here, what is used, what is missing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Look at this machine: tensor backends, folders, plugins, Kafka; say what is missing and what it would bring.',
    )
    .addOption(new Option('--kafka <host:port>', 'also ask this broker for its cluster').argParser(addressOf))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(examine);
}

async function examine({ kafka, json }: DoctorFlags): Promise<void> {
  const terminal = new Terminal(json);
  const looks: readonly (readonly [string, () => Promise<readonly Finding[]>])[] = [
    ['the machine', () => Promise.resolve(lookAtMachine())],
    ['tensor backends, each in a process of its own', lookAtTensors],
    ['folders', lookAtFolders],
    ['plugins', lookAtPlugins],
    ['Java and Maven', lookAtBrokerTools],
    ...(kafka === undefined ? [] : [[`the broker at ${kafka}`, async () => [await lookAtBroker(kafka)]] as const]),
  ];
  const findings: Finding[] = [];
  for (const [what, look] of looks) {
    terminal.progress([`Looking at ${what} …`]);
    findings.push(...(await look()));
  }
  terminal.say(report(findings));
  const ok = findings.every(({ state }) => state !== 'broken');
  await terminal.json({ ok, findings });
  if (!ok) process.exitCode = 1;
}

const MARKS = { ok: '✓', missing: '–', broken: '✗' } as const;

function report(findings: readonly Finding[]): string {
  const width = Math.min(24, Math.max(...findings.map(({ name }) => name.length)));
  const lines: string[] = [];
  let area = '';
  for (const finding of findings) {
    if (finding.area !== area) lines.push(...(area === '' ? [] : ['']), finding.area);
    area = finding.area;
    lines.push(`  ${MARKS[finding.state]} ${finding.name.padEnd(width)}  ${finding.found}`);
    if (finding.state !== 'ok' && finding.brings !== undefined)
      lines.push(`    ${' '.repeat(width)}  → ${finding.brings}`);
  }
  const broken = findings.filter(({ state }) => state === 'broken').map(({ name }) => name);
  return [
    ...lines,
    '',
    broken.length === 0 ? 'Everything required is here.' : `Does not work: ${broken.join(', ')}.`,
  ].join('\n');
}

function addressOf(text: string): string {
  if (!/^.+:\d{1,5}$/.test(text)) throw new InvalidArgumentError('Use HOST:PORT.');
  return text;
}
