// What all of them answer with, by path. The program's arguments are a port, and how many workers.

export const ANSWERS = { '/': 'Hello, world!', '/kib': 'x'.repeat(1_024), '/100kib': 'x'.repeat(102_400) };
export const BYTES = Object.fromEntries(Object.entries(ANSWERS).map(([path, text]) => [path, Buffer.from(text)]));
export const PORT = Number(process.argv[2]);
export const WORKERS = Number(process.argv[3] ?? '1');
const TEXT = { headers: { 'Content-Type': 'text/plain' } };

export function fetchAnswer(request) {
  return new Response(ANSWERS[new URL(request.url).pathname], TEXT);
}
