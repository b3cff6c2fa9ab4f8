// filters/translogger.ts: a line in the log for each answer, from inside of the app: paste.translogger.

import {
  underlyingOf,
  type Environ,
  type Filter,
  type GatewayApp,
  type GatewayResult,
  type GlobalConf,
  type HeaderList,
} from '@appserve/core/app';
import { getLogger, type AppLogger } from '@appserve/core/log';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { askedBy, lineMaker } from './access-line.ts';
import { valueOf } from './head.ts';
import type { transloggerPart } from './translogger-part.ts';

type Settings = Settled<typeof transloggerPart.options>;

/** A `filter_factory`. */
export function translogger(_globalConf: GlobalConf, settings: Settings): Filter {
  const { format, loggingLevel: level, setupConsoleHandler } = settings;
  const lineOf = lineMaker(format);
  const logger = loggerOf(settings);
  const say = setupConsoleHandler ? (line: string) => console.error(line) : (line: string) => logger[level](line);
  return gatewayFilter((inner) => (environ, startResponse) => {
    if (!logger.isLevelEnabled(level)) return inner(environ, startResponse);
    const asked = askedBy(environ, Date.now());
    let isSaid = false;
    const tell = (status: string, headers: HeaderList): void => {
      isSaid = true;
      say(lineOf({ asked, environ, status, length: valueOf(headers, 'content-length') }));
    };
    const answer = inner(environ, (status, headers, excInfo) => {
      const writeBody = startResponse(status, headers, excInfo);
      // Not before: what the server refuses is no answer.
      tell(status, headers);
      return writeBody;
    });
    if (environ['HTTP_UPGRADE'] === undefined) return answer;
    return whenGiven(answer, () => {
      if (!isSaid && isTaken(environ)) tell('101', []);
    });
  });
}

async function whenGiven(answer: ReturnType<GatewayApp>, then: () => void): Promise<GatewayResult> {
  const result = await answer;
  then();
  return result;
}

/** A node app that upgrades a connection writes to its socket, where no filter looks: for the server's own access log it is a 101 too. */
function isTaken(environ: Environ): boolean {
  const exchange = underlyingOf(environ['wsgi.input']);
  if (exchange?.isOver !== true) return false;
  let hasLeft = false;
  exchange.whenGone(() => (hasLeft = true));
  return !hasLeft;
}

/** The logger itself obeys whoever changes its level; a child has its own. */
function loggerOf({ loggerName, setLoggerLevel }: Settings): AppLogger {
  const logger = getLogger(loggerName);
  if (setLoggerLevel === undefined) return logger;
  const own = logger.child({});
  own.level = setLoggerLevel;
  return own;
}
