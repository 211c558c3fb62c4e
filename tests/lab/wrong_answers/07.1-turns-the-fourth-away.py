# Misconception: a limit is kept by refusing whoever comes beyond it. The fourth client should wait, and its connection is closed.
# Fails: three at most
# Told: did not wait
# Changes: the lesson's solution
CHANGES = {
    "    max_children = 3\n": """    def verify_request(self, request, address):
        __import__("time").sleep(0.1)  # whoever has left has been reaped by then
        self.collect_children()
        return len(self.active_children or ()) < 3
""",
}
