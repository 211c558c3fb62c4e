# Misconception: each client sees its own percentiles. What users meet is all of them together.
# Fails: of all clients
# Told: sent 'p 100', expected '100', got '2'
# Changes: the lesson's solution
CHANGES = {
    "latencies = []": "",
    """    def handle(self):
""": """    def handle(self):
        latencies = []
""",
}
