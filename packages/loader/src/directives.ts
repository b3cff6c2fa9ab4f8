// directives.ts: a section taken apart: what PasteDeploy takes for itself, what is global, what is left for the factory.
//
// Source: ConfigLoader.get_context of paste.deploy.loadwsgi. What differs on purpose: a key that [DEFAULT] has too stays a setting
// of the section, and the command line wins over `set`.

import { Fault, Faults, MASK, nearest } from '@appserve/core';
import type { Section } from './ini/document.ts';
import { describe } from './ini/interpolate.ts';
import { isSecretName } from './ini/secret-name.ts';
import { KINDS, protocolKeys, type Form, type Role } from './kinds.ts';
import { sectionName, type Scope } from './scope.ts';
import { merged, shown, type Setting, type Settings } from './setting.ts';

export interface Directives {
  readonly section: Section;
  readonly scope: Scope;
  /** What everything below the section is told. */
  readonly globals: Settings;
  /** What `set` has put there: an outer section says it again over what it uses. */
  readonly additions: Settings;
  readonly locals: Settings;
  readonly use: Setting | undefined;
  /** Keys such as `paste.app_factory`. */
  readonly protocols: readonly Setting[];
  readonly filterWith: Setting | undefined;
  readonly pipeline: Setting | undefined;
  readonly next: Setting | undefined;
  readonly require: Setting | undefined;
}

/** `outer`: the globals of who asks. Faults: INTERPOLATION_*, GLOBAL_MISSING; all of the section at once. */
export function readDirectives(scope: Scope, section: Section, role: Role, outer: Settings): Directives {
  const { form } = KINDS[sectionName(section.name)!.prefix];
  return readWith(new Reader(scope, section, wordsOf(form, role), merged(scope.globals, outer)), scope, section);
}

/** Any section: `set` and `get` are done, all else is a setting. Faults: INTERPOLATION_*, GLOBAL_MISSING. */
export function readSettings(scope: Scope, section: Section): Settings {
  return readWith(new Reader(scope, section, new Map(), scope.globals), scope, section).locals;
}

function readWith(reader: Reader, scope: Scope, section: Section): Directives {
  const faults = new Faults();
  for (const key of inherited(scope, section)) faults.catch(() => reader.read(key));
  for (const fetch of reader.gets) faults.catch(() => reader.get(fetch));
  faults.end();
  return reader.directives;
}

/** Its own keys; then `set` and `get` of [DEFAULT], which every section has. */
function inherited({ document }: Scope, section: Section): string[] {
  const fromDefaults = [...document.defaults.values.keys()].filter((key) => /^[sg]et /.test(key) && !section.values.has(key));
  return [...section.values.keys(), ...fromDefaults];
}

type Directive = 'use' | 'filterWith' | 'pipeline' | 'next' | 'require';

class Reader {
  readonly #scope: Scope;
  readonly #section: Section;
  readonly #globals: Map<string, Setting>;
  readonly #additions = new Map<string, Setting>();
  readonly #locals = new Map<string, Setting>();
  readonly #found: Partial<Record<Directive, Setting>> = {};
  readonly #protocols: Setting[] = [];
  readonly #words: Words;
  readonly gets: Setting[] = [];

  constructor(scope: Scope, section: Section, words: Words, globals: Settings) {
    this.#scope = scope;
    this.#section = section;
    this.#words = words;
    this.#globals = new Map(globals);
  }

  read(key: string): void {
    if (this.#words.has(key)) this.#take(this.#directive(key));
    // Exactly one blank; a tab makes it a key like others (PasteDeploy).
    else if (key.startsWith('set ')) this.#set(key.slice(4).trim(), this.#directive(key));
    else if (key.startsWith('get ')) this.gets.push({ ...this.#directive(key), key: key.slice(4).trim() });
    else this.#locals.set(key, this.#scope.setting(this.#section, key)!);
  }

  /** A word of the language, or else a setting. */
  #take(setting: Setting): void {
    const word = this.#words.get(setting.key);
    if (word === undefined) this.#locals.set(setting.key, setting);
    else if (word === 'protocol') this.#protocols.push(setting);
    else this.#found[word] = setting;
  }

  #directive(key: string): Setting {
    return this.#scope.directive(this.#section, key)!;
  }

  #set(key: string, setting: Setting): void {
    if (this.#scope.isOverridden(key)) return;
    this.#globals.set(key, { ...setting, key });
    this.#additions.set(key, { ...setting, key });
  }

  /** `get x = y`: after all `set` have been read. */
  get(fetch: Setting): void {
    const { key, value, at, lines, isSecret } = fetch;
    const said = this.#scope.vars.get(key);
    if (said !== undefined && !this.#words.has(key)) {
      this.#locals.set(key, said);
      return;
    }
    const global = this.#globals.get(value);
    if (global === undefined) {
      const like = isSecret ? undefined : nearest(value, [...this.#globals.keys()]);
      const details = { name: shown(fetch), nearest: like };
      throw new Fault('GLOBAL_MISSING', details, { at: lines[0] ?? at, askedBy: [describe(this.#section)] });
    }
    this.#take({ ...global, key, at, lines, ...(isSecretName(value) && { masked: MASK }) });
  }

  get directives(): Directives {
    const { use, filterWith, pipeline, next, require } = this.#found;
    return {
      section: this.#section,
      scope: this.#scope,
      globals: this.#globals,
      additions: this.#additions,
      locals: this.#locals,
      protocols: this.#protocols,
      use,
      filterWith,
      pipeline,
      next,
      require,
    };
  }
}

/** Keys that are words of the language. Which they are depends on the section: `next` is a setting where nothing comes next. */
type Words = ReadonlyMap<string, Directive | 'protocol'>;

function wordsOf(form: Form, role: Role): Words {
  // What a filter-app says of itself is about its filter.
  const protocols = form === 'pipeline' ? [] : protocolKeys(form === 'filter-app' ? 'filter' : role);
  return new Map<string, Directive | 'protocol'>([
    ['require', 'require'],
    ...protocols.map((key) => [key, 'protocol'] as const),
    ...(role === 'server' ? [] : ([['filter-with', 'filterWith']] as const)),
    ...WORDS[form],
  ]);
}

const WORDS = {
  factory: [['use', 'use']],
  pipeline: [['pipeline', 'pipeline']],
  'filter-app': [
    ['use', 'use'],
    ['next', 'next'],
  ],
} as const satisfies Readonly<Record<Form, readonly (readonly [string, Directive])[]>>;
