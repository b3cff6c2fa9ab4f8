import sys

import pyruvate

from answers import wsgi

pyruvate.serve(wsgi, f"127.0.0.1:{sys.argv[1]}", int(sys.argv[2]))
