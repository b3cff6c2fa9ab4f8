// page.js: asks for /-/status.json every second and shows it. Plain JavaScript: it is sent as it stands here.
//
// Law: text of clients is put into the page as text, never as HTML.

const EVERY_MS = 1_000;
const PATIENCE_MS = 5_000;
const WIDTH = 240;
const HEIGHT = 64;
const SVG = 'http://www.w3.org/2000/svg';

const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function svgElement(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const digits = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function count(value) {
  return value === undefined ? '–' : digits.format(value);
}

function rate(value) {
  return value < 100 ? one.format(value) : digits.format(value);
}

/** `[number, unit]` */
function time(ms) {
  if (ms === null || ms === undefined) return ['–', ''];
  if (ms < 10) return [ms.toFixed(2), 'ms'];
  if (ms < 1_000) return [digits.format(ms), 'ms'];
  return [one.format(ms / 1_000), 's'];
}

function bytes(value) {
  if (value === undefined) return ['–', ''];
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  for (let rest = value; rest >= 1_000 && at < units.length - 1; rest /= 1_000) at += 1;
  return [at === 0 ? digits.format(value) : one.format(value / 1_000 ** at), units[at]];
}

function ago(ms) {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${one.format(ms / 3_600_000)} h` : `${one.format(ms / 86_400_000)} days`;
}

const joined = ([number, unit]) => (unit === '' ? number : `${number} ${unit}`);

function figure(name, [number, unit = '']) {
  const value = element('dd', {}, number);
  if (unit !== '') value.append(' ', element('small', {}, unit));
  return element('div', {}, element('dt', {}, name), value);
}

function showFigures({ rates, present }) {
  const { active, idle, upgraded, inFlight, queued } = present;
  byId('figures').replaceChildren(
    figure('Requests', rates === undefined ? ['–'] : [rate(rates.requestsPerS), '/ s']),
    figure('Median', time(rates?.p50Ms)),
    figure('99 of 100 within', time(rates?.p99Ms)),
    figure('In flight', [count(inFlight)]),
    figure('In queue', [count(queued)]),
    figure('Connections', [count(active + idle + upgraded), `${count(active)} active`]),
    figure('Failures', rates === undefined ? ['–'] : [rate(rates.failuresPerS), '/ s']),
    figure('Sent', rates === undefined ? ['–'] : [joined(bytes(rates.sentBytesPerS)), '/ s']),
  );
}

/** A line breaks where nothing was measured. */
function pathOf(values, most, length) {
  const step = WIDTH / Math.max(1, length - 1);
  const from = WIDTH - step * (values.length - 1);
  let path = '';
  let isOpen = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      isOpen = false;
      continue;
    }
    const x = (from + index * step).toFixed(1);
    const y = (HEIGHT - (most === 0 ? 0 : (value / most) * HEIGHT)).toFixed(1);
    // A point between two gaps is a short line.
    path += `${isOpen ? 'L' : 'M'}${x} ${y}${isOpen ? '' : 'h.1'}`;
    isOpen = true;
  }
  return path;
}

function chart({ name, lines, shown, points }) {
  const values = lines.flatMap(({ values: of }) => of.filter((value) => value !== null));
  const most = values.length === 0 ? 0 : Math.max(...values);
  const last = lines.map(({ key, values: of }) => `${key} ${shown(of.findLast((value) => value !== null))}`);
  const label = `${name}: ${last.join(', ')}; highest ${shown(values.length === 0 ? undefined : most)}`;
  const drawing = svgElement('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  });
  drawing.append(svgElement('line', { class: 'base', x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }));
  if (lines.length === 1 && !lines[0].values.includes(null) && lines[0].values.length > 1) {
    const top = pathOf(lines[0].values, most, points).replace('h.1', '');
    const start = (WIDTH - (WIDTH / Math.max(1, points - 1)) * (lines[0].values.length - 1)).toFixed(1);
    drawing.append(svgElement('path', { class: 'area', d: `${top}L${WIDTH} ${HEIGHT}L${start} ${HEIGHT}Z` }));
  }
  for (const [index, line] of lines.entries())
    drawing.append(svgElement('path', { class: index === 0 ? 'line' : 'second line', d: pathOf(line.values, most, points) }));
  const keys = lines.map(({ key }, index) => element('span', { class: index === 0 ? 'key' : 'second key' }, key));
  const caption = element(
    'figcaption',
    {},
    element('span', {}, name),
    element('span', { class: 'quiet' }, ...spaced(keys, lines)),
  );
  caption.append(element('span', { class: 'quiet highest' }, values.length === 0 ? 'nothing yet' : `highest ${shown(most)}`));
  return element('figure', {}, caption, drawing);
}

/** One line needs no key. */
function spaced(keys, lines) {
  return lines.length === 1 ? [] : keys.flatMap((key, index) => (index === 0 ? [key] : [' ', key]));
}

/** A server that has just begun has a short line, not a wide one. */
const POINTS_MIN = 60;

function showCharts({ history }) {
  const points = Math.max(POINTS_MIN, history.requestsPerS.length);
  byId('span').textContent = `the last ${ago(points * history.everyMs)}`;
  byId('charts').replaceChildren(
    chart({
      name: 'Requests a second',
      points,
      shown: (value) => (value === undefined ? '–' : rate(value)),
      lines: [{ key: 'requests', values: history.requestsPerS }],
    }),
    chart({
      name: 'Latency',
      points,
      shown: (value) => joined(time(value)),
      lines: [
        { key: 'median', values: history.p50Ms },
        { key: '99 of 100', values: history.p99Ms },
      ],
    }),
    chart({
      name: 'Under way',
      points,
      shown: count,
      lines: [
        { key: 'in flight', values: history.inFlight },
        { key: 'in queue', values: history.queued },
      ],
    }),
  );
}

const cell = (text, kind = 'number') => element('td', { class: kind }, text);

/** As long as this its loop should never be away. */
const LAG_MS = 500;

function showWorkers({ workers }) {
  const rows = workers.map((worker) => {
    const { name, state, generation, answered, inFlight, queued, connections, heapBytes, lagMs, call } = worker;
    const isLate = lagMs > LAG_MS;
    const says = isLate && call !== undefined ? `busy for ${joined(time(call.forMs))}: ${call.request}` : state;
    const title = element('th', { scope: 'row' }, name);
    if (generation > 1) title.append(element('span', { class: 'quiet' }, ` · ${generation}`));
    return element(
      'tr',
      {},
      title,
      cell(says, isLate ? 'bad' : ''),
      ...[count(answered), count(inFlight), count(queued), count(connections), joined(bytes(heapBytes))].map((text) =>
        cell(text),
      ),
      cell(joined(time(lagMs)), isLate ? 'number bad' : 'number'),
    );
  });
  byId('workers').replaceChildren(...rows);
}

function showSlow({ slow }) {
  const rows = slow.map(({ method, path, status, tookMs, waitedMs, agoMs }) =>
    element(
      'tr',
      {},
      cell(joined(time(tookMs))),
      element('td', { class: 'path', title: path }, `${method} ${path}`),
      cell(status === 0 ? 'left' : String(status), status >= 500 ? 'number bad' : 'number'),
      cell(waitedMs === 0 ? '–' : joined(time(waitedMs))),
      cell(ago(agoMs)),
    ),
  );
  const nothing = element('tr', {}, element('td', { class: 'quiet', colspan: '5' }, 'none took longer than a millisecond'));
  byId('slow').replaceChildren(...(rows.length === 0 ? [nothing] : rows));
}

const STATES = { starting: 'starting', serving: 'serving', leaving: 'leaving', stopping: 'draining', over: 'ended' };

function showServer({ server }) {
  const { title, version, node, pid, urls, phase, isReady, upMs, workersWanted } = server;
  document.title = `${title} · appserve`;
  byId('title').textContent = title;
  const state = byId('state');
  const says = phase === 'serving' && !isReady ? 'no worker serves' : STATES[phase];
  // Said once: a screen reader is told of changes.
  if (state.textContent !== says) state.textContent = says;
  state.className = isReady ? 'state good' : 'state';
  byId('about').textContent =
    `${urls.join('  ')}  ·  ${workersWanted} ${workersWanted === 1 ? 'worker' : 'workers'}  ·  up ${ago(upMs)}`;
  byId('version').textContent = `appserve ${version} · Node ${node} · process ${pid}`;
}

function show(report) {
  byId('trouble').hidden = true;
  showServer(report);
  showFigures(report);
  showCharts(report);
  showWorkers(report);
  showSlow(report);
}

let heardMs = performance.now();

function showTrouble() {
  const state = byId('state');
  state.textContent = 'no answer';
  state.className = 'state bad';
  const trouble = byId('trouble');
  trouble.textContent = `The server has not answered for ${ago(performance.now() - heardMs)}: what is shown is old.`;
  trouble.hidden = false;
}

async function ask() {
  try {
    const response = await fetch('/-/status.json', { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    show(await response.json());
    heardMs = performance.now();
  } catch {
    showTrouble();
  }
  setTimeout(() => void ask(), EVERY_MS);
}

void ask();
