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

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
}

export class Chromium implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: TemporaryFolder;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #session: string | undefined;
  #last = 0;
  #onLoad = (): void => undefined;
  /** What the page complained about: exceptions, and what its Content-Security-Policy kept from it. */
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
    const child = spawn('chromium', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      const socket = new WebSocket(await addressOf(child), { perMessageDeflate: false });
      await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) });
      const browser = new Chromium(child, folder, socket);
      await browser.#open();
      return browser;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { targetId } = await this.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#ask('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.#ask(`${domain}.enable`);
  }

  #hear({ id, method, params, result, error }: Answer): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ ...(result && { result }), ...(error && { error }) });
      this.#waiting.delete(id);
    } else if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(params));
    } else if (method === 'Page.loadEventFired') {
      this.#onLoad();
    }
  }

  async #ask(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = (this.#last += 1);
    const answer = await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Chromium did not answer ${method}`)), PATIENCE_MS);
      this.#waiting.set(id, (given) => {
        clearTimeout(timer);
        resolve(given);
      });
      this.#socket.send(JSON.stringify({ id, method, params, ...(this.#session !== undefined && { sessionId: this.#session }) }));
    });
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  async look({ width, height, scheme }: Look): Promise<void> {
    await this.#ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await this.#ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
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
    const { result, exceptionDetails } = (await this.#ask('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as { result: { value: T }; exceptionDetails?: object };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Looks again and again, until it is so. */
  async until(what: string, expression: string): Promise<void> {
    const sinceMs = performance.now();
    while (!(await this.evaluate<boolean>(`Boolean(${expression})`))) {
      if (performance.now() - sinceMs > PATIENCE_MS) throw new Error(`did not happen: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
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
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    this.#folder[Symbol.dispose]();
  }
}

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
