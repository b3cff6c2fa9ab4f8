"""What CPython's logging makes of an ini and of records: one question a line as JSON, one answer a line.

{"ini": path, "records": [...]}: fileConfig, then each record that its logger lets through is handled; gives what standard error, standard
output and each file have, and the effective levels.
{"format": ..., "style": ..., "datefmt": ..., "record": {...}}: gives the line of one record, or the error of the format.
{"args": text}: what eval makes of it in the namespace of logging, as text.
{"strftime": format, "times": [...]}: local times.
{"rollover": when, "interval": n, "utc": bool, "times": [...]}: when a file of that time is an old one, and what it is called then.
"""

import io
import json
import logging
import logging.config
import logging.handlers
import sys
import tempfile
import time


def make_record(given):
    logger = logging.getLogger(given["name"])
    record = logger.makeRecord(
        given["name"], given["level"], given["pathname"], given["lineno"], given["message"], (), None, given["func"]
    )
    record.created = given["epochMs"] / 1000
    record.msecs = given["epochMs"] % 1000
    record.relativeCreated = given["epochMs"] - given["startMs"]
    record.thread = given["threadId"]
    record.threadName = given["thread"]
    record.process = given["pid"]
    return record


def run_ini(question):
    real = sys.stderr, sys.stdout
    sys.stderr, sys.stdout = io.StringIO(), io.StringIO()
    try:
        logging.config.fileConfig(
            question["ini"], {"here": question["here"]}, disable_existing_loggers=question.get("disable", False)
        )
        levels = {}
        for given in question["records"]:
            logger = logging.getLogger(given["name"])
            levels[given["name"]] = logger.getEffectiveLevel()
            if logger.isEnabledFor(given["level"]):
                logger.handle(make_record(given))
        for handler in list(logging._handlerList):
            if handler() is not None:
                handler().flush()
        answer = {"stderr": sys.stderr.getvalue(), "stdout": sys.stdout.getvalue(), "levels": levels}
    finally:
        sys.stderr, sys.stdout = real
    return answer


def run_format(question):
    try:
        formatter = logging.Formatter(question.get("format"), question.get("datefmt"), question.get("style", "%"))
        return {"line": formatter.format(make_record(question["record"]))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def run_args(question):
    try:
        value = eval(question["args"], dict(vars(logging)))
        return {"value": json.loads(json.dumps(value))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def run_rollover(question):
    with tempfile.TemporaryDirectory() as folder:
        handler = logging.handlers.TimedRotatingFileHandler(
            folder + "/x.log", question["rollover"], question["interval"], delay=True, utc=question["utc"]
        )
        times = [handler.computeRollover(seconds) for seconds in question["times"]]
        began = [time.gmtime(t - handler.interval) if question["utc"] else time.localtime(t - handler.interval) for t in times]
        return {"times": times, "suffixes": [time.strftime(handler.suffix, one) for one in began]}


for line in sys.stdin:
    question = json.loads(line)
    if "ini" in question:
        answer = run_ini(question)
    elif "args" in question:
        answer = run_args(question)
    elif "rollover" in question:
        answer = run_rollover(question)
    elif "strftime" in question:
        answer = [time.strftime(question["strftime"], time.localtime(seconds)) for seconds in question["times"]]
    else:
        answer = run_format(question)
    print(json.dumps(answer), flush=True)
