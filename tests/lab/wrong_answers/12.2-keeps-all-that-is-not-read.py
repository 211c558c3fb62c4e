# Misconception: a queue takes the wait away from the speaker; how long it becomes is nobody's business.
# Fails: slow member
# Told: has no limit: any client can fill the memory
# Changes: chat_selectors.py
CHANGES = {
    'MAX_WAITING = 8_000_000': 'MAX_WAITING = 8_000_000_000',
}
