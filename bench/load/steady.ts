// A program: asks at a steady pace, whatever the server makes of it. `steady.js PORT CONNECTIONS PER_SECOND SECONDS keeps|closes`:
// prints "begun"; and in the end, as JSON, for each request when it was due (by the clock, in ms), how long its answer took, and
// whether there was a whole one with 200. At SIGTERM it asks no more, and prints.
//
// A request that is due while its connection still waits for the last answer is late by our server: its time counts from when it was
// due. One that our own timer is late with counts from when it was sent.

import net, { type Socket } from 'node:net';

const [port, count, perSecond, seconds] = process.argv.slice(2, 6).map(Number) as [number, number, number, number];
const closes = process.argv[6] === 'closes';
const REQUEST = `GET / HTTP/1.1\r\nHost: bench\r\n${closes ? 'Connection: close\r\n' : ''}\r\n`;
/** An answer that has not come by then never will. */
const LIMIT_MS = 10_000;

type Asked = readonly [dueMs: number, tookMs: number, isAnswered: boolean];
const asked: Asked[] = [];

class Line {
  #socket: Socket | undefined;

  /** Whether the answer came, whole and good. */
  async ask(): Promise<boolean> {
    const socket = this.#socket ?? net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = undefined;
    const text = await answerOf(socket);
    if (!closes && !/^connection: close\r$/im.test(text)) this.#keep(socket);
    else socket.destroy();
    return text.startsWith('HTTP/1.1 200 ');
  }

  /** For the next request; a server may close what is idle. */
  #keep(socket: Socket): void {
    if (socket.destroyed) return;
    this.#socket = socket;
    const forget = (): void => {
      if (this.#socket === socket) this.#socket = undefined;
      socket.destroy();
    };
    socket.once('end', forget).once('error', forget);
  }

  end(): void {
    this.#socket?.destroy();
  }
}

/** The text of an answer; what there was of it when the connection ended. */
async function answerOf(socket: Socket): Promise<string> {
  socket.removeAllListeners();
  return new Promise((resolve) => {
    let text = '';
    const settle = (whole: string): void => {
      clearTimeout(limit);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      resolve(whole);
    };
    const limit = setTimeout(() => settle(''), LIMIT_MS);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const [, length] = /^content-length: ([0-9]+)\r$/im.exec(text) ?? [];
      if (head !== -1 && length !== undefined && text.length >= head + 4 + Number(length)) settle(text);
    });
    socket.once('close', () => settle(''));
    socket.on('error', () => undefined);
    socket.write(REQUEST);
  });
}

const everyMs = (1_000 * count) / perSecond;
const times = Math.floor((perSecond * seconds) / count);
const beganMs = performance.now() + 100;

const over = new AbortController();
process.once('SIGTERM', () => over.abort());

async function run(line: Line, firstMs: number): Promise<void> {
  for (let time = 0; time < times && !over.signal.aborted; time += 1) {
    const dueMs = firstMs + time * everyMs;
    const isLate = performance.now() > dueMs;
    if (!isLate) await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
    const fromMs = isLate ? dueMs : performance.now();
    const isAnswered = await line.ask();
    asked.push([performance.timeOrigin + fromMs, performance.now() - fromMs, isAnswered]);
  }
  line.end();
}

console.log('begun');
await Promise.all(Array.from({ length: count }, (_, nth) => run(new Line(), beganMs + (nth * everyMs) / count)));
console.log(JSON.stringify(asked));
