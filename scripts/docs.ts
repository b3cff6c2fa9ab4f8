// docs.ts: prints the reference pages that are made from code. `--check` only says whether they are stale.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultRows, type Blame } from '@appserve/core';
import { markdownTable } from '@appserve/core/options';
import { serverOptions } from '@appserve/server/options';

const NOTE = '<!-- Printed by `npm run docs`. Change the table in the code, not this page. -->';

const BLAME: Readonly<Record<Blame, string>> = {
  peer: 'The client: answered with the status.',
  app: 'The app: 500 where nothing was sent yet, and a line in the log.',
  config: 'The configuration: exit code 2.',
  start: 'Starting: exit code 1 (3 for WORKERS_CRASHING).',
};

function faultsPage(): string {
  const sections = (Object.keys(BLAME) as Blame[]).map((blame) => {
    const rows = faultRows().filter((row) => row.blame === blame);
    const entries = rows.map(({ code, status, means }) => `### ${code}${blame === 'peer' ? ` (${status})` : ''}\n\n${means}\n`);
    return `## ${BLAME[blame]}\n\n${entries.join('\n')}`;
  });
  return `# Faults\n\n${NOTE}\n\nEvery error has a code, which stays, and a message, which is for people.\n\n${sections.join('\n')}`;
}

function optionsPage(): string {
  return `# Options\n\n${NOTE}\n\n## \`@appserve/server#main\`\n\nIn an ini the keys of \`[server:main]\`; from TypeScript the second name, where a time is in milliseconds and a size in bytes.\n\n${markdownTable(serverOptions)}\n`;
}

/** Path in the repository, and what must stand there. */
const PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/faults.md': faultsPage,
  'docs/reference/options.md': optionsPage,
};

const isCheck = process.argv.includes('--check');
for (const [path, render] of Object.entries(PAGES)) {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (!isCheck) {
    writeFileSync(file, render());
  } else if (readFileSync(file, 'utf8') !== render()) {
    console.error(`${path} is stale: run npm run docs`);
    process.exitCode = 1;
  }
}
