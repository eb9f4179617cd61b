// What this machine has for tests that need more than the repository: a list for people on stderr; on stdout, for
// TANDEM_REQUIRE, the needs that are met, of which a test may then not be skipped.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { findNativeTensorFlow } from '@tandem-rec/compute';
import { kafkaAvailable } from '@tandem-rec/kafka-tools';
import { type Availability, dataFolder, modelFolder, registryReachable } from '@tandem-rec/testing';

const needs: Readonly<Record<string, Availability>> = {
  data: folders(dataFolder('')),
  models: folders(modelFolder('')),
  kafka: kafkaAvailable(),
  'native-tensorflow': findNativeTensorFlow(),
  registry: await registryReachable(),
};

const machine = `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
console.error(`machine: ${machine}`);
for (const [need, { available, reason }] of Object.entries(needs)) {
  console.error(`${available ? 'found' : 'missing'}: ${need} (${reason})`);
}
console.log(
  Object.keys(needs)
    .filter((need) => needs[need]?.available)
    .join(','),
);

function folders(folder: string): Availability {
  const names = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  if (names.length === 0) return { available: false, reason: `nothing in ${folder}` };
  return { available: true, reason: `${names.map(({ name }) => name).join(', ')} in ${folder}` };
}
