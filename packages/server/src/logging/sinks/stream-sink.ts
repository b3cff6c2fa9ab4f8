// logging/sinks/stream-sink.ts: standard error and standard output.
//
// A pipe that nobody reads would stop the log thread, and the end of the process with it. So a pipe or a terminal is opened once more for
// the log alone, without blocking: what shares the descriptor with us does not notice (open(2), proc(5)). Where that cannot be, as with
// sockets, it is written as it is.

import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { DescriptorSink } from './descriptor-sink.ts';

/** A descriptor of its own for standard error (2) or output (1), or that one itself. By whoever may: before the process changes its user. */
function openStream(fd: number): number {
  try {
    const stats = fstatSync(fd);
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_APPEND);
  } catch {
    return fd;
  }
}

/** Descriptors of the log's own for the streams of the process, opened by whoever may: before it changes its user. */
export interface Streams {
  readonly stderr: number;
  readonly stdout: number;
}

export function openStreams(): Streams {
  return { stderr: openStream(2), stdout: openStream(1) };
}

export function closeStreams(streams: Streams): void {
  for (const fd of Object.values(streams) as number[]) if (fd > 2) closeSync(fd);
}

export class StreamSink extends DescriptorSink {
  protected readonly fd: number;

  constructor(fd: number) {
    super();
    this.fd = fd;
  }

  /** EPIPE, ENOSPC: nobody is there to be told. */
  protected failed(): void {
    // Requests go on; the log is nobody's any more.
  }

  reopen(): undefined {
    return undefined;
  }

  /** The descriptor is the server's, and goes on with the next configuration. */
  close(): void {
    this.flush();
  }
}
