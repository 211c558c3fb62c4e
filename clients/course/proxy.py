"""A Jupyter extension that hides the learner's session from pages reached "through JupyterLab".

jupyter-server-proxy forwards each request unchanged, with the cookies, the Authorization header and the `?token=` that open all of
JupyterLab. On a shared machine, another user's program may be listening on that port by now. So none of these is forwarded, no
cookie comes back, and the page runs no scripts (CSP sandbox, https://www.w3.org/TR/CSP3/#directive-sandbox): in JupyterLab's own
origin, a script could do whatever the learner can.
"""

from urllib.parse import parse_qsl, urlencode

from jupyter_server_proxy.handlers import ProxyHandler

SECRET_HEADERS = "Authorization", "Cookie", "Referer", "X-XSRFToken"
SECRET_FIELDS = "token", "_xsrf"
SANDBOX = "sandbox allow-forms allow-same-origin"  # same origin: a form must carry the cookie that lets it through


def _jupyter_server_extension_points():
    return [{"module": "clients.course.proxy"}]


def _load_jupyter_server_extension(app):
    """Patch jupyter_server_proxy before Jupyter loads it: Jupyter loads extensions in the order of their names."""
    app.config.ServerProxy.non_service_rewrite_response = (sandbox,)
    ProxyHandler.proxy_request_headers = _without_secrets(ProxyHandler.proxy_request_headers)
    ProxyHandler.get_client_uri = _without_token(ProxyHandler.get_client_uri)


def sandbox(response):
    """Let a proxied page be read and its forms be sent, and nothing more."""
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers.pop("Set-Cookie", None)


def _without_secrets(library):
    def proxy_request_headers(self):
        headers = library(self)
        for name in SECRET_HEADERS:
            headers.pop(name, None)
        return headers

    return proxy_request_headers


def _without_token(library):
    def get_client_uri(self, *arguments):
        uri, _, query = library(self, *arguments).partition("?")
        fields = parse_qsl(query, keep_blank_values=True)
        if not any(name in SECRET_FIELDS for name, _ in fields):
            return f"{uri}?{query}" if query else uri  # unchanged, byte for byte
        kept = urlencode([(name, value) for name, value in fields if name not in SECRET_FIELDS])
        return f"{uri}?{kept}" if kept else uri

    return get_client_uri
