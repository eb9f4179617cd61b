import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor';

export interface ReportOptions {
  readonly folder: string;
  readonly name: string;
  /** Folder of the committed reports. */
  readonly reports: string;
  readonly temporary: string;
  readonly write: boolean;
}

/** Makes the report of a built package and says whether the committed one is the same; with `write`, it is afterwards. */
export function report({ folder, name, reports, temporary, write }: ReportOptions): boolean {
  const configObject: IConfigFile = {
    projectFolder: folder,
    mainEntryPointFilePath: join(folder, 'dist/index.d.ts'),
    compiler: { tsconfigFilePath: join(folder, 'tsconfig.lib.json') },
    apiReport: {
      enabled: true,
      reportFileName: `${name}.api.md`,
      reportFolder: reports,
      reportTempFolder: temporary,
      includeForgottenExports: true,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: 'lf',
    messages: {
      extractorMessageReporting: {
        default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        // Everything an index exports is public: no tags.
        'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
        // Siblings are read from their sources, which is as good; and it would name a folder of the machine that asks.
        'ae-wrong-input-file-type': { logLevel: ExtractorLogLevel.None },
      },
      // TSDoc's own syntax is not what these comments are written in.
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
  const extractorConfig = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
  const { apiReportChanged, succeeded } = Extractor.invoke(extractorConfig, {
    localBuild: write,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  return write ? succeeded : !apiReportChanged;
}
