# Misconception: a thread for each dish is one thread. It lets the others go on, as in lesson 03.
# Fails: cooks with one thread
# Told: threads; one of each is enough
# Changes: the lesson's solution
CHANGES = {
    """
async def cook(dish):
    await asyncio.sleep(0.5)
""": """import time

def cook(dish):
    time.sleep(0.5)
""",
    "writer.write(await cook(line))": "writer.write(await asyncio.to_thread(cook, line))",
}
