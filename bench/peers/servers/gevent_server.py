import sys

from gevent.pywsgi import WSGIServer

from answers import wsgi

WSGIServer(("127.0.0.1", int(sys.argv[1])), wsgi, log=None).serve_forever()
