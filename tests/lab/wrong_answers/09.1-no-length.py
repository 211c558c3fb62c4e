# Misconception: the end of the connection is enough; a length is a luxury.
# Fails: names type and length
# Told: the page has 6 bytes, and Content-Length says None
# Changes: the lesson's solution
CHANGES = {
    'head = [f"HTTP/1.0 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}", "", ""]':
    'head = [f"HTTP/1.0 {status}", "Content-Type: text/plain; charset=utf-8", "", ""]',
}
