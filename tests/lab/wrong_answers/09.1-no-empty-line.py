# Misconception: the page follows the headers at once; nothing has to stand between them.
# Fails: speaks http
# Told: expected a head that ends in an empty line
# Changes: the lesson's solution
CHANGES = {
    'head = [f"HTTP/1.0 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}", "", ""]':
    'head = [f"HTTP/1.0 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}", ""]',
}
