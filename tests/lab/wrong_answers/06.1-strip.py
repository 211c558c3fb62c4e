# strip() takes away the newline: and the spaces with it.
# Fails: counts spaces
# Told: sent '  two words ', expected '12', got '9'
# Changes: the lesson's solution
CHANGES = {
    r'self.wfile.write(b"%d\n" % len(line.removesuffix(b"\n")))':
    r'self.wfile.write(b"%d\n" % len(line.strip()))',
}
