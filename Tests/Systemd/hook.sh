# An HTTP server of python3 that a webhook can post to. Sourced.
# shellcheck shell=bash disable=SC2034   # HOOK_PORT and hook_log are used by in-sandbox.sh

HOOK_PORT=

hook_start() {
    hook_log=$(mktemp)
    /usr/bin/python3 - >"$hook_log" <<'EOF' &
import http.server, sys

class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(self.headers["Mpush-Id"], body.decode(), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
print("port", server.server_port, flush=True)
server.serve_forever()
EOF
    eventually 10 grep -q '^port ' "$hook_log" || return 1
    HOOK_PORT=$(sed -n 's/^port //p' "$hook_log")
}
