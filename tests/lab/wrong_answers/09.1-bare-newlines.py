# Misconception: a line of HTTP ends as a line of Python does.
# Fails: speaks http
# Told: got b'HTTP/1.0 200 OK\n
# Changes: the lesson's solution
CHANGES = {
    r'self.wfile.write("\r\n".join(head).encode() + body)':
    r'self.wfile.write("\n".join(head).encode() + body)',
}
