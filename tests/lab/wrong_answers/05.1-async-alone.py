# Misconception: async def makes a function non-blocking. time.sleep() in it blocks as before.
# Fails: gives the menu meanwhile
# Told: He was given it when her dish was ready
# Changes: the lesson's solution
CHANGES = {
    """import asyncio
""": """import asyncio
import time
""",
    "await asyncio.sleep(0.5)": "time.sleep(0.5)",
}
