# Misconception: a field that is empty is in the dict, too. parse_qs leaves it out.
# Fails: shouts
# Told: KeyError: 'word'
# Changes: the lesson's solution
CHANGES = {
    'fields.get("word", [""])[0]': 'fields["word"][0]',
}
