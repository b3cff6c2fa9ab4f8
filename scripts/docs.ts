// docs.ts: prints the reference pages that are made from code. `--check` only says whether they are stale.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { faultRows, type Blame } from '@appserve/core';
import { GATEWAY_SECTIONS, type GatewayRule } from '@appserve/core/app';
import { OUR_MOVES as FASTCGI_MOVES, STREAMS } from '@appserve/core/fastcgi';
import { OUR_MOVES, PEER_MOVES } from '@appserve/core/http1';
import { markdownTable } from '@appserve/core/options';
import { FIELDS } from '@appserve/core/log';
import { HANDLERS } from '@appserve/loader/logging';
import { CATALOGUE, type Part } from '@appserve/parts/catalogue';
import { INSTANCE_OPTIONS } from '@appserve/loader/generate';
import {
  ATOMS,
  BOUNDS_MS,
  COLUMNS,
  CONTROL_COMMANDS,
  FIXED,
  FLEET_MOVES,
  MEMBER_MOVES,
  METRICS,
  SIGNALS,
  type Metric,
} from '@appserve/server/machines';
import { shownFastcgiOptions } from '@appserve/server/fastcgi-options';
import { serverOptions } from '@appserve/server/options';
import { EXIT_CODES } from 'appserve';

import { BUILDOUT_CASES, type BuildoutCase } from '../test/support/buildout-cases.ts';
import { BUILDOUT_DIFFERENCES, type BuildoutDifference } from '../test/support/buildout-differences.ts';
import { goldenBuildouts } from '../test/support/buildout.ts';
import { licensed, type Licensed } from '../test/support/licences.ts';
import { migrationTable, PEERS } from '../test/support/migration/index.ts';
import { DIFFERENCES, type Difference } from '../test/support/pastedeploy-differences.ts';
import { readCases, type Case } from '../test/support/pastedeploy.ts';
import { inRepository } from '../test/support/repository.ts';
import { PACKAGES, type Package } from '../test/support/sources.ts';
import { INNER_ENTRY_POINTS, PUBLIC_ENTRY_POINTS, type EntryPoint } from './api/entry-points.ts';
import { castSvg } from './cast-svg.ts';
import { apiReport } from './api/report.ts';
import { PEERS_TABLE } from './peers-table.ts';

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

function scoreboardPage(): string {
  const rows = Object.entries(COLUMNS).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return `# The scoreboard\n\n${NOTE}\n\nWhat each worker writes down about itself, in memory that the main thread reads. Counts begin at 0 with the worker. Beside these columns a row has, where \`metrics\` or\n\`control_socket\` is set, two histograms, of how long requests take and wait (docs/reference/metrics.md), and the slowest requests of the last five minutes.\n\n| column | meaning |\n|---|---|\n${rows.join('\n')}\n`;
}

function metricsPage(): string {
  const rows = Object.entries<Metric>(METRICS).map(([name, { type, help, labels = {} }]) => {
    const told = Object.entries(labels).map(([label, text]) => `<br>\`${label}\`: ${text}`);
    return `| \`${name}\` | ${type} | ${help}${told.join('')} |`;
  });
  const bounds = BOUNDS_MS.map((ms) => ms / 1_000).join(', ');
  return `# Metrics\n\n${NOTE}\n\nWhat \`/metrics\` of the address of \`metrics\` answers with, in Prometheus' text format (0.0.4). Counts are those of all workers, of\nthose too that have ended. docs/guide/observability.md says how to ask.\n\n| metric | type | |\n|---|---|---|\n${rows.join('\n')}\n\nThe buckets of histograms have these upper bounds, in seconds: ${bounds}.\n`;
}

function controlTable(): string {
  const rows = Object.entries(CONTROL_COMMANDS).map(
    ([name, { fields, means }]) => `| \`${name}\` | ${fields.map((field) => `\`${field}\``).join(', ')} | ${means} |`,
  );
  return ['| command | fields | |', '|---|---|---|', ...rows].join('\n');
}

function differencesPage(): string {
  const cases = new Map(readCases().map((scene) => [scene.id, scene]));
  const sections = DIFFERENCES.map((difference) => differenceSection(difference, cases));
  return `# Differences from PasteDeploy

${NOTE}

An ini means to appserve what it means to PasteDeploy: the same factories, called in the same order with the same globals and the same
settings. ${cases.size} cases in \`test/transcripts/pastedeploy/\` say so, with the answers of PasteDeploy itself. This page has all
that is different on purpose; in its examples a minus is PasteDeploy's line and a plus is appserve's.

Errors have codes, places and next steps of their own, those of a section are told all at once, and a circle is told as such. Nothing is
imported while an ini is read.

${sections.join('\n')}`;
}

function differenceSection(
  { title, pastedeploy, appserve, reason, cases: told }: Difference,
  cases: ReadonlyMap<string, Case>,
): string {
  const [id, lines] = Object.entries(told)[0]!;
  const scene = cases.get(id.replace(/, on the command line$/, ''))!;
  const files = Object.entries(scene.files).map(([path, text]) =>
    fence('ini', path === 'site.ini' ? text : `; ${path}\n${text}`),
  );
  const vars = Object.entries(scene.vars).map(([key, value]) => `${key}=${value}`);
  return [
    `## ${title}\n`,
    `**PasteDeploy.** ${pastedeploy}\n`,
    `**appserve.** ${appserve}\n`,
    `**Why.** ${reason}\n`,
    ...files,
    ...(vars.length === 0 ? [] : [fence('sh', `appserve site.ini ${vars.join(' ')}`)]),
    fence('diff', byAsk(lines).join('\n')),
  ].join('\n');
}

/** `app main: + a = "1"`, with the name once above its lines. */
function byAsk(lines: readonly string[]): readonly string[] {
  const named = lines.map((line) => /^(?<ask>.*?): (?<rest>[-+ ] .*|[^-+ ].*)$/.exec(line)!.groups!);
  return named.flatMap(({ ask, rest }, index) => (named[index - 1]?.['ask'] === ask ? [rest!] : [`@@ ${ask} @@`, rest!]));
}

function fence(kind: string, text: string): string {
  return `\`\`\`${kind}\n${text.trimEnd()}\n\`\`\`\n`;
}

function buildoutDifferencesPage(): string {
  const { buildout, answers } = goldenBuildouts();
  return `# Differences from zc.buildout

${NOTE}

A configuration means to \`appserve build\` what it means to zc.buildout: the same files laid over each other, the same values.
${Object.keys(answers).length} configurations say so, with the answers of zc.buildout ${buildout} itself. This page has all that is different on purpose; in its
examples a minus is zc.buildout's line and a plus is appserve's. Recipes are other ones: [generation.md](../guide/generation.md).

${BUILDOUT_DIFFERENCES.map(buildoutDifferenceSection).join('\n')}`;
}

function buildoutDifferenceSection({ title, buildout, appserve, reason, cases }: BuildoutDifference): string {
  const [shown] = Object.entries(cases);
  const example = shown === undefined ? [] : [...buildoutFiles(BUILDOUT_CASES[shown[0]]!), fence('diff', shown[1].join('\n'))];
  return [
    `## ${title}\n`,
    `**zc.buildout.** ${buildout}\n`,
    `**appserve.** ${appserve}\n`,
    `**Why.** ${reason}\n`,
    ...example,
  ].join('\n');
}

function buildoutFiles({ files }: BuildoutCase): string[] {
  return Object.entries(files).map(([path, text]) => fence('ini', path === 'buildout.cfg' ? text : `# ${path}\n${text}`));
}

type Moves = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A table of moves as a diagram that GitHub draws. */
function diagram(moves: Moves, first: string): string {
  const lines = Object.entries(moves).flatMap(([state, row]) =>
    Object.entries(row).map(([event, next]) => `  ${state} --> ${next}: ${event}`),
  );
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first}`, ...lines, '```'].join('\n');
}

/** A page that people write, in which some parts are printed. */
function withPrinted(page: string, parts: Readonly<Record<string, () => string>>): string {
  return page.replaceAll(
    /(<!-- printed: ([a-z]+) -->\n)[^]*?(<!-- end -->)/g,
    (_all, begin: string, name: string, end: string) => `${begin}\n${parts[name]!()}\n\n${end}`,
  );
}

const FASTCGI = {
  options: () => markdownTable(shownFastcgiOptions),
  streams: () => {
    const rows = Object.entries(STREAMS).map(
      ([role, next]) => `| ${role} | ${['params', ...wayOf(next, 'params')].join(', ')} |`,
    );
    return ['| role | what comes, in this order |', '|---|---|', ...rows].join('\n');
  },
  ours: () => diagram(FASTCGI_MOVES, 'owed'),
};

/** What follows a state, to the last one. */
function wayOf(next: Readonly<Record<string, string>>, state: string): string[] {
  const following = next[state];
  return following === undefined || following === 'done' ? [] : [following, ...wayOf(next, following)];
}

const STATES = { peer: () => diagram(PEER_MOVES, 'idle'), ours: () => diagram(OUR_MOVES, 'idle') };

function signalsTable(): string {
  const rows = Object.entries(SIGNALS).map(([name, { means }]) => `| ${name} | ${means} |`);
  return ['| signal | means |', '|---|---|', ...rows].join('\n');
}

function rulesList(): string {
  const sections = Object.entries(GATEWAY_SECTIONS).map(([title, rules]) => {
    const rows = Object.entries<GatewayRule>(rules).map(([number, { keeper, text }]) => `| ${number} | ${keeper} | ${text} |`);
    return `### ${title}\n\n| | kept by | |\n|---|---|---|\n${rows.join('\n')}`;
  });
  return sections.join('\n\n');
}

function exitCodesTable(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, means }) => `| ${code} | ${means} |`);
  return ['| exit code | means |', '|---|---|', ...rows].join('\n');
}

const OPERATIONS = {
  signals: signalsTable,
  fixed: () =>
    Object.values(FIXED)
      .map((name) => `- \`${name}\``)
      .join('\n'),
  worker: () => diagram(MEMBER_MOVES, 'starting'),
  fleet: () => diagram(FLEET_MOVES, 'starting'),
  exits: exitCodesTable,
};

/** `%(name)s`, or that of an access log; what it means. */
function namedTable(head: string, rows: Readonly<Record<string, { readonly means: string }>>): string {
  const lines = Object.entries(rows).map(([name, { means }]) => `| \`%(${name})s\` | ${means} |`);
  return [`| ${head} | is |`, '|---|---|', ...lines].join('\n');
}

const LOGGING = {
  handlers: () => {
    const rows = Object.entries(HANDLERS).map(
      ([name, { parameters, means }]) => `| \`${name}\` | ${parameters.join(', ')} | ${means} |`,
    );
    return ['| class | arguments | writes |', '|---|---|---|', ...rows].join('\n');
  },
  fields: () =>
    namedTable('field', { asctime: { means: 'When, as `datefmt` has it, or `2026-11-20 22:48:01,123`.' }, ...FIELDS }),
  atoms: () => namedTable('atom', ATOMS),
};

const GROUPS = {
  Composites: ['composite_factory'],
  Apps: ['app_factory'],
  Filters: ['filter_factory', 'filter_app_factory'],
};

function partsPage(): string {
  const sections = Object.entries(GROUPS).map(([title, groups]) => {
    const parts = Object.entries(CATALOGUE as Readonly<Record<string, Part>>).filter(([, { group }]) => groups.includes(group));
    return parts.length === 0 ? '' : `## ${title}\n\n${parts.map(([name, part]) => partSection(name, part)).join('\n')}`;
  });
  return `# Parts

${NOTE}

Apps, filters and composites that come with appserve. An ini names them as \`@appserve/parts#NAME\`; inis that were written for Python may
name them as they do there. Every example is loaded by a test; [examples/one-process](../../examples/one-process/README.md) is a site of several.

No part unpacks a body: one with a Content-Encoding goes on as it came, to the app, to another server or to the client. A small one that becomes a
large one does so in the app that unpacks it, which has to set the limit.

${sections.filter((section) => section !== '').join('\n')}`;
}

function partSection(name: string, { does, example, options, legacy = [] }: Part): string {
  const names = legacy.map((known) => `\`egg:${known}\``).join(', ');
  return [
    `### ${name}\n`,
    `${does}\n`,
    fence('ini', example.trim()),
    ...(Object.keys(options).length === 0 ? [] : [`${markdownTable(options)}\n`]),
    ...(names === '' ? [] : [`In an ini for Python: ${names}.\n`]),
  ].join('\n');
}

const GENERATION = {
  instance: () => {
    const rows = Object.entries(INSTANCE_OPTIONS).map(
      ([name, { default: value, means }]) => `| \`${name}\` | ${value === '' ? '' : `\`${value}\``} | ${means} |`,
    );
    return ['| option | default | meaning |', '|---|---|---|', ...rows].join('\n');
  },
};

function apiPage(folder: Package): string {
  const name = folder === 'cli' ? 'appserve' : `@appserve/${folder}`;
  return `# The face of ${name}

${NOTE}

What TypeScript sees of its public entry points, by name, without comments. A change here is a change for others:
[versions.md](../guide/versions.md) says in which version it may come.

${apiReport(folder)}`;
}

function entryPointsTable(points: readonly EntryPoint[]): string {
  const rows = points.map(({ name, means }) => `| \`${name}\` | ${means} |`);
  return ['| import | |', '|---|---|', ...rows].join('\n');
}

const VERSIONS = {
  public: () => entryPointsTable(PUBLIC_ENTRY_POINTS),
  inner: () => entryPointsTable(INNER_ENTRY_POINTS),
};

function licencesPage(): string {
  const all = licensed();
  const counts = new Map<string, number>();
  for (const { licence } of all) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const sum = [...counts].toSorted(([, one], [, other]) => other - one).map(([licence, count]) => `${licence} (${count})`);
  return `# Licences

${NOTE}

appserve is under the MIT licence. Its packages bring no code of others: npm installs what they need, each under its own licence. This is all
of it as package-lock.json has it: ${sum.join(', ')}. A test refuses a licence that nobody has looked at yet.

${licencesTable(all.filter(({ isBinary }) => !isBinary))}

Binaries, of which npm installs those that are for the machine:

${licencesTable(all.filter(({ isBinary }) => isBinary))}
`;
}

function licencesTable(rows: readonly Licensed[]): string {
  const lines = rows.map(({ name, version, licence, usedBy }) => `| ${name} | ${version} | ${licence} | ${usedBy.join(', ')} |`);
  return ['| package | version | licence | for |', '|---|---|---|---|', ...lines].join('\n');
}
/** What SECURITY.md says is on. */
const LIMITS = [
  'head_timeout',
  'body_timeout',
  'send_timeout',
  'keepalive_timeout',
  'max_reuse_count',
  'max_request_line',
  'max_head_size',
  'max_number_headers',
  'max_body_size',
  'max_connections',
  'queue_limit',
  'handshake_timeout',
  'max_handshakes',
  'ssl_version',
  'http2_max_concurrent_streams',
  'http2_max_resets',
  'websocket_max_message',
  'websocket_ping',
  'graceful_timeout',
  'socket_mode',
] as const;

function defaultsTable(): string {
  const rows = LIMITS.map((name) => `| \`${name}\` | \`${String(serverOptions[name].fallback)}\` | ${serverOptions[name].doc} |`);
  return ['| option | default | |', '|---|---|---|', ...rows].join('\n');
}

/** Each of them has a README. */
function examplesList(): string {
  const folders = readdirSync(inRepository('examples')).toSorted();
  return `${folders.map((name) => `[${name}](../examples/${name}/README.md)`).join(',\n')}.`;
}

/** `# 0006: refuse, never repair`. */
function decisionsList(): string {
  const pages = readdirSync(inRepository('docs/decisions')).toSorted();
  const titles = pages.map((page) => [page, /^# (.+)$/m.exec(readFileSync(inRepository(`docs/decisions/${page}`), 'utf8'))![1]!]);
  return titles.map(([page, title]) => `- [${title}](decisions/${page})`).join('\n');
}

const MIGRATION = Object.fromEntries(
  PEERS.map(({ page, tables }) => {
    const parts = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, () => migrationTable(rows)]));
    return [`docs/migration/${page}`, (text: string) => withPrinted(text, parts)];
  }),
);

/** Path in the repository, and what must stand there, given what does. */
const PAGES: Readonly<Record<string, (page: string) => string>> = {
  'docs/reference/faults.md': faultsPage,
  'docs/reference/options.md': optionsPage,
  'docs/reference/parts.md': partsPage,
  'docs/reference/scoreboard.md': scoreboardPage,
  'docs/reference/metrics.md': metricsPage,
  'docs/guide/observability.md': (page) => withPrinted(page, { control: controlTable }),
  'docs/reference/pastedeploy-differences.md': differencesPage,
  'docs/reference/buildout-differences.md': buildoutDifferencesPage,
  'docs/guide/generation.md': (page) => withPrinted(page, GENERATION),
  'docs/reference/gateway.md': (page) => withPrinted(page, { rules: rulesList }),
  'docs/reference/http.md': (page) => withPrinted(page, STATES),
  'docs/reference/fastcgi.md': (page) => withPrinted(page, FASTCGI),
  'docs/guide/logging.md': (page) => withPrinted(page, LOGGING),
  'docs/guide/operations.md': (page) => withPrinted(page, OPERATIONS),
  'docs/guide/versions.md': (page) => withPrinted(page, VERSIONS),
  'docs/reference/licences.md': licencesPage,
  ...Object.fromEntries(PACKAGES.map((folder) => [`docs/api/${folder}.md`, () => apiPage(folder)])),
  'docs/README.md': (page) => withPrinted(page, { examples: examplesList, decisions: decisionsList }),
  'SECURITY.md': (page) => withPrinted(page, { defaults: defaultsTable }),
  ...MIGRATION,
  'docs/images/session.svg': () => castSvg(readFileSync(inRepository('docs/images/session.cast'), 'utf8')),
  'docs/benchmarks.md': (page) => withPrinted(page, PEERS_TABLE),
  'README.md': (page) => withPrinted(page, PEERS_TABLE),
};

const isCheck = process.argv.includes('--check');
for (const [path, render] of Object.entries(PAGES)) {
  const file = inRepository(path);
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!isCheck) {
    writeFileSync(file, render(page));
  } else if (page !== render(page)) {
    console.error(`${path} is stale: run npm run docs`);
    process.exitCode = 1;
  }
}
