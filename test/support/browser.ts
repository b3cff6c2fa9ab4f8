// browser.ts: a headless Chromium, spoken to by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).

import { spawn, type ChildProcess } from 'node:child_process';
import { WebSocket } from 'ws';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

type Answer = Readonly<Record<string, unknown>>;

/** Nothing that a test asks of a page takes so long. */
const PATIENCE_MS = 20_000;

export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #profile: TemporaryFolder;
  readonly #socket: WebSocket;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #session: string | undefined;

  private constructor(child: ChildProcess, profile: TemporaryFolder, socket: WebSocket) {
    this.#process = child;
    this.#profile = profile;
    this.#socket = socket;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    socket.on('message', (data: Buffer) => {
      const { id, result, error } = JSON.parse(data.toString()) as { id?: number; result?: Answer; error?: Answer };
      if (id !== undefined) this.#waiting.get(id)?.(result ?? { error });
    });
  }

  /** With one page open, which is empty. */
  static async launch(): Promise<Browser> {
    const profile = temporaryFolder();
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${profile.path}`];
    const child = spawn('chromium', [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const url = await addressOf(child);
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const browser = new Browser(child, profile, socket);
    const { targetId } = await browser.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#call('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = sessionId as string;
    return browser;
  }

  async #call(method: string, params: Answer): Promise<Answer> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), PATIENCE_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      });
      this.#socket.send(JSON.stringify({ id, method, params, ...(this.#session && { sessionId: this.#session }) }));
    });
  }

  async open(url: string): Promise<void> {
    await this.#call('Page.navigate', { url });
  }

  /** The value of an expression in the page; nothing while the page is another one than was asked. */
  async value(expression: string): Promise<unknown> {
    const { result } = await this.#call('Runtime.evaluate', { expression });
    return (result as Answer | undefined)?.['value'];
  }

  /** Waits until the page shows it. */
  async shows(what: RegExp): Promise<string> {
    const sinceMs = performance.now();
    for (;;) {
      const text = String(await this.value('document.documentElement?.innerText'));
      if (what.test(text)) return text;
      if (performance.now() - sinceMs > PATIENCE_MS) throw new Error(`the page never showed ${String(what)}:\n${text}`);
    }
  }

  /** What the reader's system likes. */
  async prefer(scheme: 'dark' | 'light'): Promise<void> {
    await this.#call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  }

  /** PNG. */
  async screenshot(width: number, height: number): Promise<Buffer> {
    await this.#call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    const { data } = await this.#call('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data as string, 'base64');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    this.#process.kill('SIGKILL');
    await this.#ended;
    this.#profile[Symbol.dispose]();
  }
}

/** As it says it on stderr. */
async function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const [, url] = /^DevTools listening on (ws:\S+)$/m.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`chromium has ended:\n${said}`)));
  });
}
