# Misconception: each dish in a task of its own: what is asked for later comes first.
# Fails: serves what is asked for
# Told: got 'tea rice noodles
# Changes: the lesson's solution
CHANGES = {
    "writer.write(await cook(line))": "asyncio.create_task(later(writer, line))",
    "async def serve_table": "async def later(writer, dish):\n    writer.write(await cook(dish))\n\nasync def serve_table",
}
