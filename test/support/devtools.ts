// devtools.ts: a headless Chromium as a process, and its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/): commands with
// their answers, and events. What a test does with the page is in chromium.ts.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { PATIENCE_MS } from './patience.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/** Root has no sandbox in a container; there is no GPU, and little shared memory. */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--hide-scrollbars',
];

export type Fields = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly result?: Fields;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Message extends Answer {
  /** Of an answer. */
  readonly id?: number;
  /** Of an event. */
  readonly method?: string;
  readonly params?: Fields;
}

export class DevTools implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: TemporaryFolder;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #session: string | undefined;
  #last = 0;
  /** Called with each event. */
  onEvent = (_method: string, _params: Fields): void => undefined;

  private constructor(child: ChildProcess, folder: TemporaryFolder, socket: WebSocket) {
    this.#child = child;
    this.#folder = folder;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as Message));
  }

  /** With one page, which is empty. */
  static async start(): Promise<DevTools> {
    const folder = temporaryFolder();
    const args = [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${folder.path}`, 'about:blank'];
    // A group of its own: a browser is many processes.
    // It leaves files of its own where temporary ones are, too.
    const env = { ...process.env, TMPDIR: folder.path };
    const child = spawn('chromium', args, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    try {
      const socket = new WebSocket(await addressOf(child), { perMessageDeflate: false });
      await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) });
      const tools = new DevTools(child, folder, socket);
      await tools.#attach();
      return tools;
    } catch (error) {
      await end(child);
      folder[Symbol.dispose]();
      throw error;
    }
  }

  async #attach(): Promise<void> {
    const { targetId } = await this.ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId as string;
  }

  #hear({ id, method, params = {}, ...answer }: Message): void {
    if (id === undefined) this.onEvent(method!, params);
    else this.#waiting.get(id)?.(answer);
  }

  /** What a command comes to; throws where that is an error. */
  async ask(method: string, params: object = {}): Promise<Fields> {
    const { result, error } = await this.call(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  async call(method: string, params: object): Promise<Answer> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Chromium did not answer ${method}`)), PATIENCE_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      });
      this.#socket.send(JSON.stringify({ id, method, params, ...(this.#session !== undefined && { sessionId: this.#session }) }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await end(this.#child);
    this.#folder[Symbol.dispose]();
  }
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
