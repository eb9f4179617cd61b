import type { PluginKind, z } from '@tandem-rec/contract';
import { nameOf } from './compose/resolve-use.ts';
import { settingsSchema } from './compose/settings.ts';
import { jsonSchemaOf, pluginKindOf, type JsonSchema } from './option-schema.ts';

/** What a schema needs to know of a plugin: any plugin factory has it. */
export interface DescribedPlugin {
  readonly kind: PluginKind;
  readonly definition: { readonly id: string; readonly summary: string; readonly options: z.ZodType };
}

interface PlaceForPlugins {
  readonly kind: PluginKind;
  readonly many: boolean;
  readonly description: string;
}

const PLACES: Readonly<Record<string, PlaceForPlugins>> = {
  source: { kind: 'interaction-source', many: false, description: 'Where `tandem start` reads from.' },
  dataset: { kind: 'dataset-reader', many: false, description: 'What `tandem evaluate` and `tandem compare` run on.' },
  catalogue: { kind: 'dataset-reader', many: false, description: 'Items known before the stream begins.' },
  domain: { kind: 'domain-model', many: true, description: 'One domain model or several.' },
  language: { kind: 'language-model', many: true, description: 'Language models at the table.' },
  sharing: { kind: 'sharing-strategy', many: false, description: 'Who teaches what to whom. Default: no exchange.' },
  fusion: {
    kind: 'fusion',
    many: true,
    description: 'One ranking of several. The first one serves; all are measured.',
  },
  store: {
    kind: 'checkpoint-store',
    many: false,
    description: 'Where checkpoints, journal and dead letters are kept.',
  },
};

/**
 * One JSON Schema (draft-07) of the YAML and JSON form of a configuration, for editors: `# yaml-language-server: $schema=…`
 * or a `$schema` key. Options come from the plugins' own schemas; each plugin answers to its id, and to its short name
 * where no other plugin of its kind has it.
 */
export function jsonSchema(plugins: readonly DescribedPlugin[]): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  for (const { definition } of plugins) {
    const name = definitionName(definition.id);
    definitions[name] = movedTo(`#/definitions/${name}`, jsonSchemaOf(definition.options));
  }
  for (const kind of new Set(Object.values(PLACES).map((place) => place.kind))) {
    const fitting = plugins.filter((plugin) => plugin.kind === kind);
    definitions[kind] = { anyOf: fitting.flatMap((plugin) => referencesTo(plugin, fitting, definitions)) };
    const one = { $ref: `#/definitions/${kind}` };
    const list = { $ref: `#/definitions/${kind}-list` };
    definitions[`${kind}-list`] = { anyOf: [one, { enum: [false, null] }, { type: 'array', items: list }] };
  }
  const alone = jsonSchemaOf(settingsSchema);
  const settings: JsonSchema = { $schema: alone['$schema'], ...movedTo('#', alone) };
  const places = Object.entries(PLACES).map(([name, { kind, many, description }]) => [
    name,
    { description, allOf: [{ $ref: `#/definitions/${kind}${many ? '-list' : ''}` }] },
  ]);
  return {
    ...settings,
    title: 'Tandem configuration',
    properties: { ...(settings['properties'] as JsonSchema), ...(Object.fromEntries(places) as JsonSchema) },
    required: ['domain'],
    definitions,
  };
}

function referencesTo(
  plugin: DescribedPlugin,
  ofKind: readonly DescribedPlugin[],
  definitions: Readonly<Record<string, JsonSchema>>,
): readonly JsonSchema[] {
  const { id, summary } = plugin.definition;
  const short = nameOf(id);
  const names = ofKind.filter((other) => nameOf(other.definition.id) === short).length === 1 ? [short, id] : [id];
  const options = definitionName(id);
  const needsOptions = ((definitions[options]!['required'] as readonly string[] | undefined) ?? []).length > 0;
  return [
    ...(needsOptions ? [] : names.map((name) => ({ const: name, description: summary }))),
    ...names.map((name) => ({
      type: 'object',
      description: summary,
      properties: {
        use: { const: name, description: summary },
        as: { type: 'string', description: 'Name in the composition, if not the plugin’s own.' },
        options: { $ref: `#/definitions/${options}` },
      },
      required: needsOptions ? ['use', 'options'] : ['use'],
      additionalProperties: false,
    })),
  ];
}

/** `@tandem-rec/model-history#fism` → `tandem-rec.model-history.fism`: a name that needs no escapes in a reference. */
const definitionName = (id: string): string => id.replaceAll(/[^\w-]+/g, '.').replace(/^\./, '');

/**
 * A schema that was a document of its own, as a part of another: its references are led to its new place, and where a
 * plugin belongs, all plugins of the kind may stand.
 */
function movedTo(place: string, schema: JsonSchema): JsonSchema {
  const { $schema: _, ...rest } = schema;
  const move = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(move);
    if (typeof node !== 'object' || node === null) return node;
    const { pluginKind: _, ...others } = node as JsonSchema;
    const kind = pluginKindOf(node as JsonSchema);
    if (kind !== undefined) return { ...others, allOf: [{ $ref: `#/definitions/${kind}` }] };
    return Object.fromEntries(
      Object.entries(node).map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string' && inner.startsWith('#')
          ? `${place}${inner.slice(1)}`
          : move(inner),
      ]),
    );
  };
  return move(rest) as JsonSchema;
}
