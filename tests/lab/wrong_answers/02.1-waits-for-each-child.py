# Misconception: the parent has to wait right after the fork. It reaps, but serves one client at a time again.
# Fails: answers the last first
# Told: the last one sent 'hello' and had no answer
# Changes: the lesson's solution
CHANGES = {
    "import signal\n": "",
    "\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n": "",
    "        connection.close()": "        connection.close()\n        os.wait()",
}
