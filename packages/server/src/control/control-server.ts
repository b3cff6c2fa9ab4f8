// control/control-server.ts: the control socket: who may open its file may command the server. In the main thread.
//
// Law: one request of a connection after the other; a bad one is answered, and harms nobody else.

import net, { type Socket } from 'node:net';
import { nearest } from '@appserve/core';
import type { ListeningSocket } from '../listen/bound-handle.ts';
import { messageOf } from '../log.ts';
import { CONTROL_COMMANDS, type Controllable } from './commands.ts';
import {
  answerLine,
  ControlError,
  errorLine,
  Lines,
  parseRequest,
  REQUEST_BYTES_MAX,
  toldFaults,
  type ControlRequest,
  type RequestId,
} from './protocol.ts';

const CONNECTIONS_MAX = 32;
/** Requests of one connection that wait for the one before them. */
const WAITING_MAX = 16;

export class ControlServer {
  readonly #server: net.Server;
  readonly #sockets = new Set<Socket>();

  constructor(controllable: Controllable, listening: ListeningSocket) {
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      converse(socket, controllable);
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
    // A connection that could not be accepted: the next one may be.
    this.#server.on('error', () => undefined);
    this.#server.listen({ fd: listening.duplicate() });
  }

  /** What has been answered goes out still. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroySoon();
  }
}

function converse(socket: Socket, controllable: Controllable): void {
  const lines = new Lines(REQUEST_BYTES_MAX);
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  const take = async (line: string): Promise<void> => {
    const answer = await answerTo(line, controllable);
    waiting -= 1;
    if (socket.writable) socket.write(answer);
    if (waiting < WAITING_MAX) socket.resume();
  };
  // A client that leaves in the middle is a client that has left.
  socket.on('error', () => undefined);
  // One that has said all that it will say may still hear what becomes of it.
  socket.on('end', () => void last.then(() => socket.end()));
  socket.on('data', (bytes) => {
    try {
      for (const line of lines.push(bytes)) {
        waiting += 1;
        last = last.then(() => take(line));
      }
      if (waiting >= WAITING_MAX) socket.pause();
    } catch (error) {
      const { code, message } = error as ControlError;
      socket.end(errorLine(null, { code, message }));
      socket.removeAllListeners('data').resume();
    }
  });
}

async function answerTo(line: string, controllable: Controllable): Promise<string> {
  let id: RequestId = null;
  try {
    const request = parseRequest(line);
    ({ id } = request);
    const { command, fields } = request;
    if (!Object.hasOwn(CONTROL_COMMANDS, command)) throw unknownCommand(command, id);
    refuseUnknownFields(request);
    return answerLine(id, await CONTROL_COMMANDS[command]!.act(controllable, fields));
  } catch (error) {
    if (error instanceof ControlError) return errorLine(error.id, { code: error.code, message: error.message });
    const message = messageOf(error);
    const faults = toldFaults(error);
    return errorLine(id, faults === undefined ? { code: 'FAILED', message } : { code: faults[0]!.code, message, faults });
  }
}

/** A field that is passed over in silence is a wish that is not heard: `"nwo":true`. */
function refuseUnknownFields({ id, command, fields }: ControlRequest): void {
  const known = CONTROL_COMMANDS[command]!.fields;
  const stranger = Object.keys(fields).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const guess = nearest(stranger, known);
  const there = known.length === 0 ? 'it has none' : `there is ${known.join(', ')}`;
  const hint = guess === undefined ? there : `did you mean ${guess}?`;
  throw new ControlError('FIELD_UNKNOWN', `${command} has no field ${JSON.stringify(stranger)}; ${hint}`, id);
}

function unknownCommand(command: string, id: RequestId): ControlError {
  const names = Object.keys(CONTROL_COMMANDS);
  const guess = nearest(command, names);
  const hint = guess === undefined ? `there are ${names.join(', ')}` : `did you mean ${guess}?`;
  return new ControlError('COMMAND_UNKNOWN', `there is no command ${JSON.stringify(command)}; ${hint}`, id);
}
