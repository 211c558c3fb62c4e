# Misconception: passing bytes on is quick, so no thread is needed. A client that stays keeps all others waiting.
# Fails: serves side by side
# Told: client 3 sent 'hello'
# Changes: the lesson's solution
CHANGES = {
    "threading.Thread(target=serve, args=(client, next(turn))).start()": "serve(client, next(turn))",
}
