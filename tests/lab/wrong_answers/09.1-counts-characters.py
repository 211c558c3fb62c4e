# Misconception: the length of a page is the number of its characters.
# Fails: counts bytes
# Told: expected status 200, Content-Length 7 and '你好'; got 200, '3'
# Changes: the lesson's solution
CHANGES = {
    'head = [f"HTTP/1.0 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}", "", ""]':
    'head = [f"HTTP/1.0 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body.decode())}", "", ""]',
}
