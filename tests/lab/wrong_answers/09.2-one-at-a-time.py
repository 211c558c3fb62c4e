# Misconception: a web server serves many by itself.
# Fails: serves beside a silent client
# Told: two clients are connected and silent; a third asked for /
# Changes: the lesson's solution
CHANGES = {
    'make_server("127.0.0.1", 0, site, server_class=Server).serve_forever()':
    'make_server("127.0.0.1", 0, site).serve_forever()',
}
