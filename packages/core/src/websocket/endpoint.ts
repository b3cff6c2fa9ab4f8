// websocket/endpoint.ts: what an app says of an endpoint: its hooks and its options. What is wrong with them is an error of the app
// before any client is told something.
//
// Law: what nobody would ever call or read is no mistake that passes in silence. An object may hold things of its own beside its hooks,
// but nothing that looks like one.

import { Fault } from '../faults.ts';
import type { Fields } from '../message/fields.ts';
import { TOKEN } from '../message/grammar.ts';
import { ResponseHead } from '../message/response-head.ts';
import { nameOf } from '../name-of.ts';
import { nearest } from '../nearest.ts';
import type { WebSocketHooks, WebSocketOptions } from './hooks.ts';

/** A new hook or option is a new row; forgetting one does not compile. */
const HOOKS: { readonly [H in keyof WebSocketHooks]-?: true } = {
  open: true,
  message: true,
  drain: true,
  close: true,
  error: true,
};
const HOOK_NAMES: readonly string[] = Object.keys(HOOKS);

/** Faults: WEBSOCKET_HOOK_INVALID, WEBSOCKET_OPTION_INVALID, RESPONSE_FIELD_*. */
export function checkEndpoint(hooks: WebSocketHooks, options: WebSocketOptions): void {
  checkHooks(hooks);
  const names = memberNames(hooks);
  const misplaced = names.find((name) => name !== 'data' && Object.hasOwn(OPTIONS, name));
  if (misplaced !== undefined)
    throw new Fault('WEBSOCKET_HOOK_INVALID', { why: `: ${misplaced} is an option, not a hook`, isOption: true });
  const [misspelt, meant] = misspeltOf(names, hooks, HOOK_NAMES, (name) => isFunction(hooks[name]));
  if (misspelt !== undefined) throw unknownHook(misspelt, meant);
  checkOptions(options);
}

/** Of an app that is nothing but an endpoint, hooks and options in one. Gives its options. Faults: as `checkEndpoint`. */
export function checkApp(app: WebSocketHooks & WebSocketOptions): WebSocketOptions {
  checkHooks(app);
  const given = OPTION_NAMES.filter((name) => name in app).map((name) => [name, app[name]] as const);
  const options = Object.fromEntries(given) as WebSocketOptions;
  const [misspelt, meant = ''] = misspeltOf(memberNames(app), app, [...HOOK_NAMES, ...OPTION_NAMES]);
  if (misspelt !== undefined) throw Object.hasOwn(HOOKS, meant) ? unknownHook(misspelt, meant) : unknownOption(misspelt, meant);
  checkOptions(options);
  return options;
}

type Members = Readonly<Record<string, unknown>>;

const isFunction = (value: unknown): boolean => typeof value === 'function';

function checkHooks(hooks: unknown): asserts hooks is Members {
  if (typeof hooks !== 'object' || hooks === null)
    throw new Fault('WEBSOCKET_HOOK_INVALID', { why: ` are ${nameOf(hooks)}, not an object` });
  for (const name of HOOK_NAMES) {
    const hook = (hooks as Members)[name];
    if (hook !== undefined && !isFunction(hook))
      throw new Fault('WEBSOCKET_HOOK_INVALID', { why: `: ${name} is ${nameOf(hook)}, not a function` });
  }
}

/** Own ones, and those of its classes. */
function memberNames(object: object): string[] {
  const names: string[] = [];
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null)
    names.push(...Object.getOwnPropertyNames(at));
  return names.filter((name) => name !== 'constructor');
}

/** A member that is none of the names, but close to one that is not given. */
function misspeltOf(
  members: readonly string[],
  object: object,
  names: readonly string[],
  mayBe: (member: string) => boolean = () => true,
): readonly [misspelt?: string, meant?: string] {
  const missing = names.filter((name) => !(name in object));
  for (const member of members) {
    if (names.includes(member)) continue;
    const meant = nearest(member, missing);
    if (meant !== undefined && mayBe(member)) return [member, meant];
  }
  return [];
}

function unknownHook(name: string, meant: string | undefined): Fault {
  return new Fault('WEBSOCKET_HOOK_INVALID', { why: `: ${name} is not known`, nearest: meant });
}

function unknownOption(option: string, meant: string | undefined): Fault {
  return new Fault('WEBSOCKET_OPTION_INVALID', { option, why: 'is not known', nearest: meant });
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isList = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');

function isPairs(value: unknown): boolean {
  return Array.isArray(value) && value.every((pair) => isList(pair) && (pair as readonly string[]).length === 2);
}

interface Check {
  readonly isRight: (value: unknown) => boolean;
  readonly why: string;
}

const COUNT: Check = { isRight: isCount, why: 'must be a whole number >= 0' };

const OPTIONS: { readonly [O in keyof WebSocketOptions]-?: Check } = {
  data: { isRight: () => true, why: '' },
  protocols: {
    isRight: (value) => isList(value) && (value as string[]).every((name) => TOKEN.test(name)),
    why: 'must be an array of tokens',
  },
  origins: {
    isRight: (value) => value === 'same' || value === 'any' || isList(value),
    why: "must be 'same', 'any' or an array of origins",
  },
  maxMessageBytes: {
    isRight: (value) => isCount(value) && (value as number) > 0 && (value as number) < 2 ** 31,
    why: 'must be a whole number from 1 to 2147483647',
  },
  pingMs: COUNT,
  idleMs: COUNT,
  headers: { isRight: isPairs, why: 'must be an array of [name, value]' },
  compression: { isRight: (value) => typeof value === 'boolean', why: 'must be true or false' },
};

const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS);

function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new Fault('WEBSOCKET_OPTION_INVALID', { why: `are ${nameOf(options)}, not an object` });
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, option)) throw unknownOption(option, nearest(option, OPTION_NAMES));
    const { isRight, why } = OPTIONS[option as keyof WebSocketOptions];
    if (value !== undefined && !isRight(value)) throw new Fault('WEBSOCKET_OPTION_INVALID', { option, why });
  }
  const { headers } = options as WebSocketOptions;
  if (headers !== undefined) switchingFields(headers.flat());
}

/** What belongs to the handshake itself, and what speaks of a body. */
const OF_HANDSHAKE = /^(?:upgrade|content-length|sec-websocket-.*)$/i;

/** The further fields of a 101, by the app and its filters. Faults: RESPONSE_FIELD_*. */
export function switchingFields(flat: readonly string[]): Fields {
  const { fields } = new ResponseHead(200, '', flat);
  for (const [name] of fields) if (OF_HANDSHAKE.test(name)) throw new Fault('RESPONSE_FIELD_FORBIDDEN', { name });
  return fields;
}
