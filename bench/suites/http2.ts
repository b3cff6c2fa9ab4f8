// http2.ts: a small answer over HTTP/2, against node:http2 alone, by its streams and by its requests and responses.

import { HTTP2, NODE_HTTP2, NODE_HTTP2_COMPATIBLE } from '../contenders.ts';
import { measure, type Answer, type Effort } from '../measure.ts';
import { isInstalled } from '../pinned.ts';
import { renderAnswer } from '../table.ts';

export async function http2(effort: Effort, print: (text: string) => void): Promise<readonly Answer[]> {
  if (!isInstalled('h2load')) {
    print('  not measured: h2load is not installed: apt-get install nghttp2-client');
    return [];
  }
  const answer = await measure(
    {
      title: 'hello over HTTP/2 in clear, 16 connections with 10 streams each',
      contenders: [HTTP2, NODE_HTTP2, NODE_HTTP2_COMPATIBLE],
      load: { connections: 16, kind: 'http2' },
      bars: [{ of: HTTP2.name, over: NODE_HTTP2_COMPATIBLE.name, atMost: 1 }],
    },
    effort,
  );
  print(renderAnswer(answer));
  return [answer];
}
