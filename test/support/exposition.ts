// exposition.ts: Prometheus text format 0.0.4, read as strictly as its description allows: what a scraper could stumble over is an error.
// prometheus.io/docs/instrumenting/exposition_formats, and what `promtool check metrics` looks for.

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** By the whole name: a histogram has _bucket, _sum and _count. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const VALUE = '[+-]?Inf|NaN|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?';
const SAMPLE = new RegExp(`^(?<name>${NAME})(?:\\{(?<labels>.*)\\})? (?<value>${VALUE})$`);
const PAIR = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\n|\\")*)"(,|$)/y;

/** Throws where a line is not of the format, or where lines together say what cannot be. */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: Family['type']; help: string; samples: Map<string, Sample[]> }>();
  let help: readonly [name: string, text: string] | undefined;
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, helped, words] = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\]|\\\\\\\\|\\\\n)+)$`).exec(line) ?? [];
    const [, typed, type] = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line) ?? [];
    if (helped !== undefined) {
      help = [helped, words!];
    } else if (typed !== undefined) {
      if (help?.[0] !== typed) fail('TYPE without its HELP before it');
      if (families.has(typed)) fail('a family that comes twice');
      if ((type === 'counter') !== typed.endsWith('_total')) fail('only counters end in _total, and all of them do');
      families.set(typed, { type: type as Family['type'], help: help![1], samples: new Map() });
      current = typed;
    } else {
      const { name = '', labels = '', value = '' } = SAMPLE.exec(line)?.groups ?? {};
      if (name === '') fail('no sample');
      const family = families.get(current) ?? fail('a sample before any TYPE');
      const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!suffixes.some((suffix) => name === current + suffix)) fail(`a sample among those of ${current}`);
      const sample = { labels: labelsOf(labels, fail), value: numberOf(value) };
      const before = family.samples.get(name) ?? [];
      if (before.some((one) => JSON.stringify(one.labels) === JSON.stringify(sample.labels))) fail('a sample that comes twice');
      if (family.type !== 'gauge' && !(sample.value >= 0)) fail('less than nothing was counted');
      family.samples.set(name, [...before, sample]);
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

function labelsOf(text: string, fail: (why: string) => never): Record<string, string> {
  const labels: Record<string, string> = {};
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const [, name, value] = PAIR.exec(text) ?? fail('labels that are none');
    if (Object.hasOwn(labels, name!)) fail('a label that comes twice');
    labels[name!] = value!.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}

function numberOf(text: string): number {
  return text === '+Inf' || text === 'Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function rises(values: readonly number[]): boolean {
  return values.every((value, at) => at === 0 || value >= values[at - 1]!);
}

/** Buckets rise, the last one is +Inf and has all of them. */
function checkHistogram(name: string, { samples }: Family): void {
  const buckets = samples.get(`${name}_bucket`) ?? [];
  const bounds = buckets.map(({ labels }) => numberOf(labels['le'] ?? ''));
  const counts = buckets.map(({ value }) => value);
  const count = samples.get(`${name}_count`)?.[0]?.value;
  const isWhole = samples.get(`${name}_sum`)?.length === 1 && bounds.at(-1) === Number.POSITIVE_INFINITY;
  if (!isWhole || !rises(bounds) || new Set(bounds).size !== bounds.length || !rises(counts) || counts.at(-1) !== count)
    throw new Error(`${name} is no histogram: ${JSON.stringify(buckets)}`);
}

/** The value of the sample that has these labels, and no others. */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  for (const { samples } of families.values()) {
    const found = samples.get(name)?.find((sample) => JSON.stringify(sample.labels) === JSON.stringify(labels));
    if (found !== undefined) return found.value;
  }
  throw new Error(`there is no ${name}${JSON.stringify(labels)}`);
}
