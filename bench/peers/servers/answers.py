"""What all of them answer with, as a WSGI and as an ASGI application."""

ANSWERS = {"/": b"Hello, world!", "/kib": b"x" * 1024, "/100kib": b"x" * 102400}


def wsgi(environ, start_response):
    body = ANSWERS[environ["PATH_INFO"]]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    body = ANSWERS[scope["path"]]
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
