# A line from rfile is what the client typed: its newline is forgotten, and counted.
# Fails: counts
# Told: sent 'hello', expected '5', got '6'
# Changes: the lesson's solution
CHANGES = {
    r'self.wfile.write(b"%d\n" % len(line.removesuffix(b"\n")))': r'self.wfile.write(b"%d\n" % len(line))',
}
