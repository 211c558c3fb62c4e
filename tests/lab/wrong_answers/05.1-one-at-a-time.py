# Misconception: what is awaited needs a lock. The menu is given at once, but one dish is cooked after the other.
# Fails: cooks ten at once
# Told: ten clients ordered tea at once, and the last one was served
# Changes: the lesson's solution
CHANGES = {
    """async def cook(dish):
    await asyncio.sleep(0.5)
""": """stove = asyncio.Lock()

async def cook(dish):
    async with stove:
        await asyncio.sleep(0.5)
""",
}
