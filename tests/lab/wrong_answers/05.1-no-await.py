# Misconception: asyncio.sleep() sleeps. Without an await nobody does, and the dish is raw.
# Fails: takes its time
# Told: nobody has cooked it
# Changes: the lesson's solution
CHANGES = {
    """async def cook(dish):
    await asyncio.sleep(0.5)
""": """def cook(dish):
    asyncio.sleep(0.5)
""",
    "writer.write(await cook(line))": "writer.write(cook(line))",
}
