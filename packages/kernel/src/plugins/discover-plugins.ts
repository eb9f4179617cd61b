import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PLUGIN_KINDS, z, type PluginKind } from '@tandem-rec/contract';
import { admitsContract } from './contract-range.ts';

/** A plugin that an installed package offers. Its code has not been loaded. */
export interface InstalledPlugin {
  /** `<package>#<export>`. */
  readonly id: string;
  readonly package: string;
  readonly export: string;
  readonly kind: PluginKind;
  readonly summary: string;
  /** Range of contract versions that the package declares. */
  readonly contract: string;
  readonly version: string;
  /** Folder of the package. */
  readonly folder: string;
  /** A folder from which the package's name resolves to it. */
  readonly from: string;
}

/** A package that says it offers plugins and cannot be used. */
export interface RejectedPackage {
  readonly package: string;
  readonly folder: string;
  readonly code: 'TANDEM_PLUGIN_INCOMPATIBLE' | 'TANDEM_PLUGIN_UNREADABLE';
  readonly reason: string;
}

export interface Installed {
  /** In the order of their ids. */
  readonly plugins: readonly InstalledPlugin[];
  readonly rejected: readonly RejectedPackage[];
}

const manifestSchema = z.looseObject({
  name: z.string(),
  version: z.string().default('0.0.0'),
  tandem: z.strictObject({
    contract: z.string(),
    plugins: z.record(z.string(), z.strictObject({ kind: z.enum(PLUGIN_KINDS), summary: z.string() })),
  }),
});

/**
 * Packages with a `tandem` field in their `package.json`, seen from the configuration's folder as Node would see them:
 * `node_modules` there and in every folder above (workspaces are links in one of them), and a package that the folder
 * itself is in. Then the same from the other folders, by default the kernel's own. The first of a name counts.
 */
export async function discoverPlugins(
  folder: string,
  others: readonly string[] = [import.meta.dirname],
): Promise<Installed> {
  const plugins: InstalledPlugin[] = [];
  const rejected: RejectedPackage[] = [];
  const seen = new Set<string>();
  for (const from of [folder, ...others]) {
    for (const above of upward(from)) {
      const candidates = [...(await packagesIn(join(above, 'node_modules'))), above];
      const manifests = await Promise.all(candidates.map(readManifest));
      candidates.forEach((candidate, at) => {
        const manifest = manifests[at];
        const name = nameOf(manifest);
        if (name === undefined || seen.has(name)) return;
        seen.add(name);
        if ((manifest as { tandem?: unknown }).tandem === undefined) return;
        const read = manifestSchema.safeParse(manifest);
        if (!read.success) {
          rejected.push({
            package: name,
            folder: candidate,
            code: 'TANDEM_PLUGIN_UNREADABLE',
            reason: `its package.json: ${z.prettifyError(read.error).replaceAll('\n', ' ')}`,
          });
        } else if (!admitsContract(read.data.tandem.contract)) {
          rejected.push({
            package: name,
            folder: candidate,
            code: 'TANDEM_PLUGIN_INCOMPATIBLE',
            reason: `it is written for contract ${read.data.tandem.contract}`,
          });
        } else {
          const { version, tandem } = read.data;
          for (const [exported, { kind, summary }] of Object.entries(tandem.plugins)) {
            plugins.push({
              id: `${name}#${exported}`,
              package: name,
              export: exported,
              kind,
              summary,
              contract: tandem.contract,
              version,
              folder: candidate,
              from,
            });
          }
        }
      });
    }
  }
  return { plugins: plugins.sort((a, b) => (a.id < b.id ? -1 : 1)), rejected };
}

function upward(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upward(parent)];
}

async function packagesIn(nodeModules: string): Promise<string[]> {
  const names = (await list(nodeModules)).filter((name) => !name.startsWith('.'));
  const nested = await Promise.all(
    names.map(async (name) =>
      name.startsWith('@')
        ? (await list(join(nodeModules, name))).map((inner) => join(nodeModules, name, inner))
        : [join(nodeModules, name)],
    ),
  );
  return nested.flat();
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // Most folders above a project have no node_modules.
  }
}

/** Undefined where there is no manifest, or one that is not JSON: not ours to judge. */
async function readManifest(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function nameOf(manifest: unknown): string | undefined {
  const name = typeof manifest === 'object' && manifest !== null ? (manifest as { name?: unknown }).name : undefined;
  return typeof name === 'string' ? name : undefined;
}
