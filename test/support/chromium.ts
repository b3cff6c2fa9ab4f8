// chromium.ts: a page in headless Chromium, over the DevTools protocol (chromedevtools.github.io/devtools-protocol).

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/** A browser that says nothing for so long hangs. */
const PATIENCE_MS = 20_000;

/** Root has no sandbox in a container; there is no GPU, and little shared memory. */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--hide-scrollbars',
];

/** Of Input.dispatchKeyEvent; those that write something have a `text`. */
const KEYS = {
  Tab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
  Enter: { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  Space: { key: ' ', code: 'Space', windowsVirtualKeyCode: 32, text: ' ' },
} as const;

/** What a page writes to its console so is a complaint. */
const COMPLAINING = ['error', 'warning', 'assert'];

/** JSON-RPC's own range for the server's errors: of an evaluation, that its page is being left for another one. */
const PAGE_IS_LEFT = -32_000;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  /** What the reader's system says of things that move. */
  readonly motion?: 'reduce' | 'no-preference';
}

export class Chromium implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: TemporaryFolder;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #session: string | undefined;
  #last = 0;
  #onLoad = (): void => undefined;
  /** Of the page that is there: exceptions, errors on its console, and what its Content-Security-Policy keeps from it. */
  readonly complaints: string[] = [];

  private constructor(child: ChildProcess, folder: TemporaryFolder, socket: WebSocket) {
    this.#child = child;
    this.#folder = folder;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as Answer));
  }

  static async start(): Promise<Chromium> {
    const folder = temporaryFolder();
    const args = [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${folder.path}`, 'about:blank'];
    // A group of its own: a browser is many processes.
    const child = spawn('chromium', args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    try {
      const socket = new WebSocket(await addressOf(child), { perMessageDeflate: false });
      await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) });
      const browser = new Chromium(child, folder, socket);
      await browser.#open();
      return browser;
    } catch (error) {
      await end(child);
      folder[Symbol.dispose]();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { targetId } = await this.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#ask('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.#ask(`${domain}.enable`);
    // Nobody looks at this window: without it, it has no focus to give.
    await this.#ask('Emulation.setFocusEmulationEnabled', { enabled: true });
  }

  #hear({ id, method, params, result, error }: Answer): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ ...(result && { result }), ...(error && { error }) });
      this.#waiting.delete(id);
    } else if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded' || isComplaint(method, params)) {
      this.complaints.push(JSON.stringify(params));
    } else if (method === 'Page.frameNavigated' && isWholePage(params)) {
      this.complaints.length = 0;
    } else if (method === 'Page.loadEventFired') {
      this.#onLoad();
    }
  }

  async #ask(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const { result, error } = await this.#call(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  async #call(method: string, params: object): Promise<Answer> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Chromium did not answer ${method}`)), PATIENCE_MS);
      this.#waiting.set(id, (given) => {
        clearTimeout(timer);
        resolve(given);
      });
      this.#socket.send(JSON.stringify({ id, method, params, ...(this.#session !== undefined && { sessionId: this.#session }) }));
    });
  }

  async look({ width, height, scheme, motion = 'no-preference' }: Look): Promise<void> {
    await this.#ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    const features = [
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: motion },
    ];
    await this.#ask('Emulation.setEmulatedMedia', { features });
  }

  /** Until it is loaded. */
  async goTo(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${url} did not load`)), PATIENCE_MS);
      this.#onLoad = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    // Who cannot navigate does not wait for it.
    loaded.catch(() => undefined);
    const { errorText } = await this.#ask('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText as string}`);
    await loaded;
  }

  /** The value of an expression in the page; of a promise, what it comes to. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.#evaluated(expression);
    if (answer === undefined) throw new Error(`the page was left: ${expression}`);
    return answer.value as T;
  }

  /** Nothing where the page is left meanwhile, for another one or by itself. */
  async #evaluated(expression: string): Promise<{ readonly value: unknown } | undefined> {
    const { result, error } = await this.#call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (error?.code === PAGE_IS_LEFT) return undefined;
    if (error !== undefined) throw new Error(error.message);
    const { result: found, exceptionDetails } = result as { result: { value: unknown }; exceptionDetails?: object };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return found;
  }

  /** Looks again and again, until it is so. */
  async until(what: string, expression: string): Promise<void> {
    await this.#sought<boolean>(what, `Boolean(${expression})`, (isSo) => isSo);
  }

  /** Looks again and again, until the page shows it; gives all that it shows then. */
  async shows(what: RegExp): Promise<string> {
    return this.#sought<string>(String(what), `document.documentElement?.innerText ?? ''`, (text) => what.test(text));
  }

  async #sought<T>(what: string, expression: string, isIt: (value: T) => boolean): Promise<T> {
    const sinceMs = performance.now();
    for (;;) {
      const found = await this.#evaluated(expression);
      if (found !== undefined && isIt(found.value as T)) return found.value as T;
      if (performance.now() - sinceMs > PATIENCE_MS)
        throw new Error(`did not happen: ${what}; it is ${JSON.stringify(found?.value)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A key, pressed and let go. */
  async press(name: keyof typeof KEYS): Promise<void> {
    await this.#stroke(KEYS[name]);
  }

  /** Key after key, into whatever has the focus. */
  async type(text: string): Promise<void> {
    for (const key of text) await this.#stroke({ key, text: key });
  }

  async #stroke(key: object): Promise<void> {
    await this.#ask('Input.dispatchKeyEvent', { type: 'keyDown', ...key });
    await this.#ask('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
  }

  /** With the mouse, in the middle of the first element that is selected so. */
  async click(selector: string): Promise<void> {
    const [x, y] = await this.evaluate<readonly [x: number, y: number]>(`(() => {
      const one = document.querySelector(${JSON.stringify(selector)});
      one.scrollIntoView({ block: 'nearest', behavior: 'instant' });
      const { left, top, width, height } = one.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    })()`);
    for (const type of ['mousePressed', 'mouseReleased'])
      await this.#ask('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  }

  /** What is seen of the page, as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#ask('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data as string, 'base64');
  }

  /** What assistive technology is told: roles and names, in the order of the page. */
  async accessibleNames(): Promise<readonly { readonly role: string; readonly name: string }[]> {
    const { nodes } = (await this.#ask('Accessibility.getFullAXTree')) as {
      nodes: readonly { readonly ignored: boolean; readonly role?: { value: string }; readonly name?: { value: string } }[];
    };
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await end(this.#child);
    this.#folder[Symbol.dispose]();
  }
}

/** Not a frame in it. */
function isWholePage(params: Answer['params']): boolean {
  const frame = params?.['frame'] as { readonly parentId?: string } | undefined;
  return frame?.parentId === undefined;
}

function isComplaint(method: string | undefined, params: Answer['params']): boolean {
  return method === 'Runtime.consoleAPICalled' && COMPLAINING.includes(params?.['type'] as string);
}

/** All of its processes: each of them writes into the folder, and has its stderr, which is closed when the last one has ended. */
async function end({ pid, stderr }: ChildProcess): Promise<void> {
  if (pid === undefined || stderr!.closed) return;
  const closed = once(stderr!, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // They have ended of themselves.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await closed;
}

/** As it says it on stderr. */
async function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`Chromium did not start:\n${text}`)), PATIENCE_MS);
    child.stderr!.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const [, url] = /DevTools listening on (ws:\S+)/.exec(text) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('exit', () => reject(new Error(`Chromium ended:\n${text}`)));
    child.once('error', reject);
  });
}
