# Misconception: nobody says more than a thousand bytes.
# Fails: long lines
# Told: a line of 10,000 bytes is too long for it
# Changes: chat_asyncio.py
CHANGES = {
    'MAX_LINE = 10_000': 'MAX_LINE = 1_000',
}
