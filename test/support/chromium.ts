// chromium.ts: a page in a headless browser, as a reader sees and uses it.

import { DevTools, type Fields } from './devtools.ts';
import { PATIENCE_MS } from './patience.ts';

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

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  /** What the reader's system says of things that move. */
  readonly motion?: 'reduce' | 'no-preference';
}

export class Chromium implements AsyncDisposable {
  readonly #tools: DevTools;
  #onLoad = (): void => undefined;
  /** Of the page that is there: exceptions, errors on its console, and what its Content-Security-Policy keeps from it. */
  readonly complaints: string[] = [];

  private constructor(tools: DevTools) {
    this.#tools = tools;
    tools.onEvent = (method, params) => this.#hear(method, params);
  }

  static async start(): Promise<Chromium> {
    const tools = await DevTools.start();
    const chromium = new Chromium(tools);
    try {
      for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await tools.ask(`${domain}.enable`);
      // Nobody looks at this window: without it, it has no focus to give.
      await tools.ask('Emulation.setFocusEmulationEnabled', { enabled: true });
      return chromium;
    } catch (error) {
      await chromium[Symbol.asyncDispose]();
      throw error;
    }
  }

  #hear(method: string, params: Fields): void {
    if (isComplaint(method, params)) this.complaints.push(JSON.stringify(params));
    else if (method === 'Page.frameNavigated' && isWholePage(params)) this.complaints.length = 0;
    else if (method === 'Page.loadEventFired') this.#onLoad();
  }

  async look({ width, height, scheme, motion = 'no-preference' }: Look): Promise<void> {
    await this.#tools.ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    const features = [
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: motion },
    ];
    await this.#tools.ask('Emulation.setEmulatedMedia', { features });
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
    const { errorText } = await this.#tools.ask('Page.navigate', { url });
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
    const { result, error } = await this.#tools.call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
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
    await this.#tools.ask('Input.dispatchKeyEvent', { type: 'keyDown', ...key });
    await this.#tools.ask('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
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
      await this.#tools.ask('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  }

  /** What is seen of the page, as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#tools.ask('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data as string, 'base64');
  }

  /** What assistive technology is told: roles and names, in the order of the page. */
  async accessibleNames(): Promise<readonly { readonly role: string; readonly name: string }[]> {
    const { nodes } = (await this.#tools.ask('Accessibility.getFullAXTree')) as {
      nodes: readonly { readonly ignored: boolean; readonly role?: { value: string }; readonly name?: { value: string } }[];
    };
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tools[Symbol.asyncDispose]();
  }
}

function isComplaint(method: string, { type }: Fields): boolean {
  if (method === 'Runtime.consoleAPICalled') return COMPLAINING.includes(type as string);
  return method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded';
}

/** Not a frame in it. */
function isWholePage({ frame }: Fields): boolean {
  return (frame as { readonly parentId?: string }).parentId === undefined;
}
