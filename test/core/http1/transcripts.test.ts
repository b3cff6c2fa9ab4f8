// The conversations of test/transcripts/http1, each as a whole and however it is cut.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameHoweverCut } from '../../support/cuts.ts';
import { bytesOf, readTranscripts, type Scene } from '../../support/scenes.ts';
import { linesOf, Wire } from '../../support/wire.ts';

const FOLDER = 'test/transcripts/http1';

for (const { name, scenes } of readTranscripts(FOLDER)) {
  describe(`http1/${name}.md`, () => {
    for (const scene of scenes) {
      it(scene.title, () => {
        const wire = play(scene, [scene.sent]);
        assert.deepEqual(spokenOf(wire, scene.events), scene.events);
        if (scene.wire !== undefined) assert.equal(wire.output, scene.wire);
      });

      it(`${scene.title}, however it is cut`, () => {
        sameHoweverCut(scene.sent, (pieces) => {
          const wire = play(scene, pieces);
          // Whether 100 Continue is said depends on how much of the body has come when the app asks for it.
          return {
            lines: wire.heard.flatMap(linesOf),
            rest: wire.rest,
            output: wire.output.replaceAll('HTTP/1.1 100 Continue\r\n\r\n', ''),
          };
        });
      });
    }
  });
}

describe('the transcripts of http1', () => {
  const scenes = readTranscripts(FOLDER).flatMap((transcript) => transcript.scenes);

  it('name the section that each scene is about', () => {
    assert.deepEqual(
      scenes.filter(({ prose }) => !prose.includes('§')).map(({ title }) => title),
      [],
    );
  });

  it('read nothing behind a closed connection', () => {
    for (const scene of scenes) {
      const wire = play(scene, [scene.sent]);
      if (wire.rest !== 'closed') continue;
      wire.engine.receive(bytesOf('GET /smuggled HTTP/1.1\nHost: a\n\n'));
      assert.equal(wire.engine.next().type, 'closed', scene.title);
    }
  });
});

function play({ settings, answers, endsSending }: Scene, pieces: readonly Uint8Array[]): Wire {
  const wire = new Wire(settings, answers);
  for (const piece of pieces) wire.receive(piece);
  if (endsSending) wire.endSending();
  return wire;
}

/** What was heard, in the lines of a scene: of what is known of a request, what the scene speaks of. */
function spokenOf(wire: Wire, expected: readonly string[]): string[] {
  const wanted = wantedKinds(expected);
  const lines: string[] = [];
  let requests = 0;
  for (const event of wire.heard) {
    const [line = '', ...details] = linesOf(event);
    const kinds = event.type === 'request' ? wanted[requests++] : undefined;
    lines.push(line, ...(event.type === 'request' ? details.filter((detail) => kinds?.has(kindOf(detail))) : details));
  }
  if (wire.rest !== 'answer' && wire.heard.at(-1)?.type !== 'fault') lines.push(wire.rest);
  return lines;
}

/** `field Host: a` is a field. Of some kinds there are two words: `persists` or `closes`. */
function kindOf(line: string): string {
  const word = line.split(' ')[0]!;
  if (word === 'length' || word === 'chunked') return 'body';
  return word === 'persists' || word === 'closes' ? 'connection' : word;
}

/** For each request of a scene, which kinds of details it speaks of. */
function wantedKinds(expected: readonly string[]): Set<string>[] {
  const wanted: Set<string>[] = [];
  for (const line of expected) {
    if (line.startsWith('request ')) wanted.push(new Set());
    else wanted.at(-1)?.add(kindOf(line));
  }
  return wanted;
}
