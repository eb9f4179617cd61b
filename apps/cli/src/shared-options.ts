import { Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '@tandem-rec/cotrainer';

/** `--json FILE|-` */
export const jsonOption = (): Option =>
  new Option('--json <file>', 'also write the result as JSON to a file, or to standard output with -');

/** `--set key=value`, repeatable */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'change a setting, for example --set training.replay=1; may be repeated')
    .argParser((value: string, before: readonly string[] = []) => [...before, value])
    .default([], 'none');

/** `--log LEVEL`; commands that work for minutes tell by default what they are at. */
export const logOption = (level: LogLevel = 'warn'): Option =>
  new Option('--log <level>', 'least level of log lines on standard error').choices([...LOG_LEVELS]).default(level);
