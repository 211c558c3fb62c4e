# Misconception: a coroutine is called with asyncio.run(). That starts a loop, and one is running already.
# Fails: serves what is asked for
# Told: asyncio.run() cannot be called from a running event loop
# Changes: the lesson's solution
CHANGES = {"writer.write(await cook(line))": "writer.write(asyncio.run(cook(line)))"}
