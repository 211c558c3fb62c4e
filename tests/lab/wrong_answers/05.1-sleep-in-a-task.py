# Misconception: a task that was started has done its work. The dish goes out while it still sleeps.
# Fails: takes its time
# Told: nobody has cooked it
# Changes: the lesson's solution
CHANGES = {
    "await asyncio.sleep(0.5)": "asyncio.create_task(asyncio.sleep(0.5))",
}
