// app/recognise.ts: which contract an app keeps, told by its shape. Decided once, when the app is loaded.
//
// Law: what an app says of itself counts most, then what only one framework looks like, then the parameters of a function. What fits
// nothing is refused with what was found. (docs/decisions/0016-which-contract.md)

import type { Duplex } from 'node:stream';
import { Fault } from '../faults.ts';
import type { ContractName, NodeEvents, NodeListener, NodeServer } from './contracts.ts';
import { nameOf } from '../name-of.ts';
import { isWebSocketApp } from './websocket-app.ts';

/** An app may say itself what it is: `nodeApp` and its sisters do it for functions. The same in every copy of this package. */
export const CONTRACT = Symbol.for('appserve.contract');

/** A framework's app as a node app: who answers, and who is told of upgrades. */
export interface NodeParts {
  readonly listener: NodeListener;
  readonly events?: NodeEvents | undefined;
}

type Shape = Readonly<Record<string, unknown>>;

interface Framework {
  readonly name: string;
  readonly is: (app: Shape) => boolean;
  readonly parts: (app: never) => NodeParts;
  /** What must have happened before the first request; again is as good as once. */
  readonly start?: (app: never) => PromiseLike<unknown>;
}

function can(app: Shape, ...names: readonly string[]): boolean {
  return names.every((name) => typeof app[name] === 'function');
}

function partsOfServer(server: NodeServer): NodeParts {
  return { listener: (request, response) => emitRequest(server, request, response), events: server };
}

/** As node:http does it: a client that waits for 100 Continue is another event, where somebody listens for it. */
function emitRequest(server: NodeServer, ...pair: Parameters<NodeListener>): void {
  const { expect } = pair[0].headers;
  const isContinue = expect !== undefined && server.listenerCount('checkContinue') > 0;
  if (!server.emit(isContinue ? 'checkContinue' : 'request', ...pair))
    throw new Fault('APP_FAILED', { message: 'nobody listens for the requests of this http.Server' });
}

interface Fastify {
  readonly server: NodeServer;
  routing: NodeListener;
  ready(): PromiseLike<unknown>;
}

interface Nest {
  init(): Promise<unknown>;
  getHttpServer(): NodeServer;
  getHttpAdapter(): { getInstance(): Shape };
}

/** Apps that are no functions (request, response), but have one. The first row that fits. */
const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'Nest',
    is: (app) => can(app, 'getHttpAdapter', 'getHttpServer', 'init'),
    // Also with Fastify below it, its server is the one that gateways for WebSocket listen to.
    parts: (app: Nest) => partsOfServer(app.getHttpServer()),
    start: async (app: Nest) => {
      await app.init();
      const instance = app.getHttpAdapter().getInstance();
      if (isFastify(instance)) await (instance as unknown as Fastify).ready();
    },
  },
  {
    name: 'Fastify',
    is: isFastify,
    parts: (app: Fastify) => ({ listener: (request, response) => app.routing(request, response), events: app.server }),
    start: (app: Fastify) => app.ready(),
  },
  {
    name: 'Koa',
    is: (app) => can(app, 'callback') && Array.isArray(app['middleware']),
    parts: (app: { callback(): NodeListener }) => ({ listener: app.callback() }),
  },
  {
    name: 'Polka',
    is: (app) => typeof app !== 'function' && can(app, 'handler', 'onError', 'onNoMatch'),
    parts: (app: { handler: NodeListener }) => ({ listener: (request, response) => app.handler(request, response) }),
  },
  {
    name: 'an http.Server',
    is: (app) => typeof app !== 'function' && can(app, 'emit', 'listenerCount', 'listen') && 'requestTimeout' in app,
    parts: partsOfServer,
  },
];

function isFastify(app: Shape): boolean {
  return can(app, 'routing', 'ready', 'inject');
}

function frameworkOf(app: unknown): Framework | undefined {
  if ((typeof app !== 'object' && typeof app !== 'function') || app === null) return undefined;
  return FRAMEWORKS.find(({ is }) => is(app as Shape));
}

/** What a framework's app needs before it can answer; nothing for all others. */
export function startOf(app: unknown): (() => PromiseLike<unknown>) | undefined {
  const start = frameworkOf(app)?.start;
  return start === undefined ? undefined : () => start(app as never);
}

export function isFramework(app: unknown): boolean {
  return frameworkOf(app) !== undefined;
}

/** Of a function, or of what a framework is recognised by. */
export function nodePartsOf(app: unknown): NodeParts {
  const framework = frameworkOf(app);
  if (framework !== undefined) return framework.parts(app as never);
  const { upgrade } = app as { upgrade?: UpgradeListener };
  return { listener: app as NodeListener, events: typeof upgrade === 'function' ? eventsOf(upgrade) : undefined };
}

/** As http.Server emits it: the socket is the app's from here on. */
export type UpgradeListener = (request: Parameters<NodeListener>[0], socket: Duplex, head: Uint8Array) => void;

function eventsOf(upgrade: UpgradeListener): NodeEvents {
  return {
    listenerCount: (event) => (event === 'upgrade' ? 1 : 0),
    emit: (_event, ...args) => {
      upgrade(...(args as Parameters<UpgradeListener>));
      return true;
    },
  };
}

/** Says of a function that it is a node app, which two parameters alone do not tell. `upgrade` is told of upgrades, if given. */
export function nodeApp(listener: NodeListener, upgrade?: UpgradeListener): NodeListener {
  const app: NodeListener = (request, response) => listener(request, response);
  return Object.assign(app, { [CONTRACT]: 'node' as const }, upgrade === undefined ? {} : { upgrade });
}

export function hasFetch(app: unknown): boolean {
  return typeof (app as { fetch?: unknown } | null | undefined)?.fetch === 'function';
}

export function hasCgi(app: unknown): boolean {
  return typeof (app as { cgi?: unknown } | null | undefined)?.cgi === 'function';
}

/** Faults: APP_UNKNOWN. */
export function recognise(app: unknown): ContractName {
  const said = (app as { [CONTRACT]?: ContractName } | null | undefined)?.[CONTRACT];
  if (said !== undefined) return said;
  if (hasFetch(app)) return 'fetch';
  if (hasCgi(app)) return 'cgi';
  if (isWebSocketApp(app)) return 'websocket';
  if (isFramework(app)) return 'node';
  if (typeof app === 'function') return contractOfFunction(app);
  throw new Fault('APP_UNKNOWN', { found: nameOf(app) });
}

/**
 * One parameter or none: a fetch app. Who calls the first of more a request means Node's contract if a response or `next` follows, and
 * else that of fetch, with what comes beside a request. Of all others, three or more, as Connect has them, are a node app; two are what
 * a gateway app has, the contract of PasteDeploy's world.
 */
function contractOfFunction(app: Function): ContractName {
  if (app.length < 2) return 'fetch';
  const [first = '', second = '', third = ''] = parametersOf(app);
  if (REQUEST.test(first) && !START.test(second)) return RESPONSE.test(second) || NEXT.test(third) ? 'node' : 'fetch';
  return app.length > 2 ? 'node' : 'gateway';
}

const REQUEST = /^_?req(?:uest)?$/;
const RESPONSE = /^_?(?:res(?:p|ponse)?|rsp|reply)$/;
const NEXT = /^_?(?:next|done|callback|cb)$/;
/** However a gateway app calls its environ. */
const START = /^_?start/i;

const COMMENTS = /\/\*[^]*?\*\/|\/\/[^\n]*/g;
const PARAMETERS = /^[^(]*\(\s*([\w$]+)\s*(?:,\s*([\w$]+|[{[])(?:\s*,\s*([\w$]+))?)?/;

/** The names of the first three parameters as they stand in its source, a bracket for what is taken apart; none of what is bound. */
function parametersOf(app: Function): readonly string[] {
  const source = Function.prototype.toString.call(app).replaceAll(COMMENTS, ' ');
  return PARAMETERS.exec(source)?.slice(1) ?? [];
}

/** However a factory calls it, and wherever: one of filters has it behind the app, one of composites behind the loader. */
const GLOBAL_CONF = /^_?global_?conf(?:ig)?$/i;

/** Whether it is no app, but makes one for a configuration. What says what it is, or has `fetch`, is an app. */
export function isFactory(exported: unknown): boolean {
  if (typeof exported !== 'function' || CONTRACT in exported || hasFetch(exported)) return false;
  return parametersOf(exported).some((name) => GLOBAL_CONF.test(name ?? ''));
}
