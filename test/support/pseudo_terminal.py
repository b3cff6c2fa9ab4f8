# pseudo_terminal.py COLUMNS ROWS COMMAND ...: runs a command in a terminal of that size. Lines on stdin say what to do: `key TEXT` types,
# `size COLUMNS ROWS` resizes it, `signal N` sends it one, `modes` tells whether it echoes. What the command shows comes to stdout as it is; what is told to
# stderr. Ends with the code of the command.
import fcntl, os, pty, select, struct, sys, termios


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


master, slave = pty.openpty()
resize(master, int(sys.argv[1]), int(sys.argv[2]))
pid = os.fork()
if pid == 0:
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.execvp(sys.argv[3], sys.argv[3:])


def tell_modes():
    echoes = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
    sys.stderr.write("echo %s\n" % ("on" if echoes else "off"))
    sys.stderr.flush()


status = None
pending = b""
while True:
    ready, _, _ = select.select([master, 0], [], [], 0.05)
    if master in ready:
        data = os.read(master, 65536)
        os.write(1, data)
    elif status is not None:
        break
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            os.kill(pid, 9)
        pending += data
        while b"\n" in pending:
            line, pending = pending.split(b"\n", 1)
            word, _, rest = line.decode().partition(" ")
            if word == "key":
                os.write(master, rest.encode())
            elif word == "size":
                resize(master, *map(int, rest.split()))
            elif word == "signal":
                os.kill(pid, int(rest))
            elif word == "modes":
                tell_modes()
    if status is None:
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            status = code
tell_modes()
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128)
