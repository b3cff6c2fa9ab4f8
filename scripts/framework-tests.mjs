// framework-tests.mjs: the tests that frameworks publish with themselves, played twice: by node:http, and with this server where they
// call listen(). What passes there must pass here, but for what is listed. `node scripts/framework-tests.mjs`, about four minutes.
//
// Fastify is the one that publishes its tests. Those that never listen (they inject), and those of HTTP/2, say nothing about a server.

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALLED = fileURLToPath(new URL('../node_modules/fastify', import.meta.url));
const PRELOAD = new URL('listen-here.mjs', import.meta.url).href;
const { version } = JSON.parse(readFileSync(join(INSTALLED, 'package.json'), 'utf8'));
const FOLDER = join(tmpdir(), `appserve-framework-tests-fastify-${version}`);

/** What its tests need beside itself, at the versions of its own package.json. */
const NEEDED =
  'ajv ajv-errors ajv-formats ajv-i18n ajv-merge-patch fast-json-body fastify-plugin fluent-json-schema h2url http-errors joi JSONStream node-forge proxyquire split2 undici vary yup'.split(
    ' ',
  );

/** Tests of the http.Server that listens, which is another one here: `fails` tests of a file, or all of it where one never ends. */
const OF_THE_SERVER = {
  'client-timeout.test.js': { fails: 1, why: 'requestTimeout: here head_timeout and body_timeout' },
  'custom-http-server.test.js': { fails: 2, why: 'counts what close() calls on the http.Server' },
  'handler-timeout.test.js': {
    fails: 3,
    why: 'a client that closes its side has not gone for us, it may wait for its answer; `close` does not wait for an `emit` of `finish` that the test holds back',
  },
  'header-overflow.test.js': { fails: 'all', why: 'maxHeaderSize: here max_head_size and max_request_line' },
  'max-requests-per-socket.test.js': { fails: 'all', why: 'maxRequestsPerSocket: here max_reuse_count' },
  'reply-error.test.js': { fails: 2, why: "'clientError': what breaks the rules of HTTP is answered before any app is asked" },
  'request-error.test.js': { fails: 'all', why: "'clientError', as above" },
  'request-header-host.test.js': { fails: 'all', why: 'requireHostHeader: RFC 9112 §3.2 leaves no choice' },
  'route-hooks.test.js': { fails: 'all', why: 'connectionTimeout, the timeout of http.Server' },
};
const LIFETIME_MS = 60_000;

function install() {
  if (existsSync(join(FOLDER, 'node_modules', 'undici'))) return;
  mkdirSync(FOLDER, { recursive: true });
  cpSync(INSTALLED, FOLDER, { recursive: true });
  const { devDependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  const wanted = NEEDED.map((name) => `${name}@${devDependencies[name] ?? 'latest'}`);
  const args = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--omit=dev',
    '--loglevel=error',
    ...wanted,
  ];
  execFileSync('npm', args, { cwd: FOLDER, stdio: ['ignore', 2, 2] });
}

/** How many tests of a file passed and failed; one that does not end has passed none. */
async function run(file, flags) {
  const options = { cwd: FOLDER, stdio: ['ignore', 'pipe', 'ignore'], timeout: LIFETIME_MS, killSignal: 'SIGKILL' };
  const child = spawn(process.execPath, [...flags, '--test-reporter=tap', join('test', file)], options);
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  await new Promise((resolve) => child.once('close', resolve));
  const count = (name) => Number(new RegExp(`^# ${name} ([0-9]+)$`, 'm').exec(output)?.[1] ?? 0);
  return { pass: count('pass'), tests: count('tests') };
}

install();
const files = readdirSync(join(FOLDER, 'test'), { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.test.js') && !file.includes('http2'))
  .filter((file) => readFileSync(join(FOLDER, 'test', file), 'utf8').includes('.listen('));

const total = { pass: 0, tests: 0, left: 0 };
const worse = [];
async function playOne(file) {
  const known = OF_THE_SERVER[file];
  const theirs = await run(file, []);
  if (known?.fails === 'all') {
    total.left += theirs.pass;
    return;
  }
  const ours = await run(file, ['--import', PRELOAD]);
  total.pass += ours.pass;
  total.tests += theirs.pass;
  if (ours.pass + (known?.fails ?? 0) < theirs.pass) worse.push(`${file}: ${ours.pass} of ${theirs.pass}`);
}

const queue = files.toSorted();
async function playAll() {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) await playOne(file);
}
await Promise.all([playAll(), playAll()]);
for (const line of worse) console.log(`not as on node:http: ${line}`);
for (const [file, { fails, why }] of Object.entries(OF_THE_SERVER)) console.log(`left to node:http: ${file} (${fails}): ${why}`);
console.log(
  `Fastify ${version}: ${total.pass} of the ${total.tests} tests that pass on node:http pass here; ${total.left} are of its server`,
);
process.exit(worse.length === 0 ? 0 : 1);
