// What an app says of an endpoint: hooks and options that are none are refused before a client is told anything.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHandler } from '@appserve/core/app';
import { checkEndpoint, type WebSocketHooks, type WebSocketOptions } from '@appserve/core/websocket';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

const message = (): void => undefined;

class Chat {
  messages: string[] = [];
  message(): void {
    this.messages.push('heard');
  }
  helper(): void {
    this.messages.push('helped');
  }
}

class Misnamed {
  onMessage(): void {
    // Nobody calls it.
  }
}

function check(hooks: unknown, options: unknown = {}): void {
  checkEndpoint(hooks as WebSocketHooks, options as WebSocketOptions);
}

describe('hooks', () => {
  it('may be an object of a class, with whatever else it needs', () => check(new Chat()));
  it('may be left out, one by one', () => check({ open: message, drain: undefined }));

  for (const [hooks, says] of [
    [undefined, /^the hooks of a WebSocket are undefined, not an object$/],
    [null, /^the hooks of a WebSocket are null, not an object$/],
    [message, /^the hooks of a WebSocket are the function message, not an object$/],
    [{ message: 'x' }, /^the hooks of a WebSocket: message is a string, not a function$/],
    [{ message, close: null }, /^the hooks of a WebSocket: close is null, not a function$/],
    [{ onmessage: message }, /^the hooks of a WebSocket: onmessage is not known$/],
    [new Misnamed(), /^the hooks of a WebSocket: onMessage is not known$/],
    [{ message, protocols: ['chat'] }, /^the hooks of a WebSocket: protocols is an option, not a hook$/],
  ] as const) {
    it(`are refused: ${String(says)}`, () => {
      assert.throws(() => check(hooks), { code: 'WEBSOCKET_HOOK_INVALID', blame: 'app', message: says });
    });
  }

  it('that are misspelt are told what was meant', () => {
    assert.throws(() => check({ onmessage: message }), { hint: 'did you mean message?' });
    assert.throws(() => check({ message, protocols: [] }), { hint: 'give options behind the hooks: upgrade(hooks, options)' });
  });
});

describe('options', () => {
  for (const [options, says] of [
    [null, /^the options of a WebSocket are null, not an object$/],
    [5, /^the options of a WebSocket are a number, not an object$/],
    [{ protocol: 'x' }, /^the WebSocket option protocol is not known$/],
    [{ headers: { a: 'b' } }, /^the WebSocket option headers must be an array of \[name, value\]$/],
    [{ headers: [['a']] }, /^the WebSocket option headers must be an array of \[name, value\]$/],
    [{ headers: [['a', 5]] }, /^the WebSocket option headers must be an array of \[name, value\]$/],
  ] as const) {
    it(`are refused: ${String(says)}`, () => {
      assert.throws(() => check({ message }, options), { code: 'WEBSOCKET_OPTION_INVALID', message: says });
    });
  }

  it('that are misspelt are told what was meant', () => {
    assert.throws(() => check({ message }, { protocol: 'x' }), { hint: 'did you mean protocols?' });
  });

  it('may not add what belongs to the handshake', () => {
    const headers = [['Sec-WebSocket-Accept', 'x']];
    assert.throws(() => check({ message }, { headers }), { code: 'RESPONSE_FIELD_FORBIDDEN' });
  });
});

describe('a WebSocket app', () => {
  it('may keep things of its own', () => void toHandler({ message, clients: new Set(), messages: [] }, SERVER));

  for (const [member, code] of [
    [{ origins: 'https://x' }, 'WEBSOCKET_OPTION_INVALID'],
    [{ idleMs: -1 }, 'WEBSOCKET_OPTION_INVALID'],
    [{ protocols: 'chat' }, 'WEBSOCKET_OPTION_INVALID'],
    [{ headers: { a: 'b' } }, 'WEBSOCKET_OPTION_INVALID'],
    [{ headers: [['a', 'b\r\nc: d']] }, 'RESPONSE_FIELD_INVALID'],
    [{ protocol: ['chat'] }, 'WEBSOCKET_OPTION_INVALID'],
    [{ open: 5 }, 'WEBSOCKET_HOOK_INVALID'],
    [{ onopen: message }, 'WEBSOCKET_HOOK_INVALID'],
  ] as const) {
    it(`is refused when it is loaded: ${JSON.stringify(member)} ${Object.keys(member)[0]}`, () => {
      assert.throws(() => toHandler({ message, ...member }, SERVER), { code });
    });
  }
});
