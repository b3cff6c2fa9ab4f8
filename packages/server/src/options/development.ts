// options/development.ts: --reload.

import { bool, list, option, optional, type Options } from '@appserve/core/options';

export const developmentOptions = {
  reload: option(
    bool(),
    'false',
    'For development, as --reload: watch what is read and imported, and load it again when it changes; show errors in the browser. See docs/guide/development.md.',
    'uvicorn',
  ),
  reload_dirs: optional(
    list('folders, or globs of files', 'PATH'),
    'Watched with --reload beside what is read and imported. A relative path begins at the working directory.',
    'uvicorn',
  ),
  reload_ignore: optional(
    list('globs; one without a slash is a name, wherever it stands', 'GLOB'),
    'What does not count with --reload, whoever reads it.',
    'uvicorn',
  ),
} as const satisfies Options;
