# Misconception: each line gets a number, not each guest.
# Fails: greets one
# Told: a guest keeps its number
# Changes: the lesson's solution
CHANGES = {
    "    number += 1\n    mine = number\n": "",
    "        for line in lines:\n": "        for line in lines:\n            number += 1\n            mine = number\n",
}
