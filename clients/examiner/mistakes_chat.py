"""The mistakes of chat servers, in words, with hints that lead to them."""

from clients.examiner.requirements import Diagnosis

NOT_ANSWERED = Diagnosis(
    "this line is not answered",
    (
        "Which lines of your server handle this one? Does each path send an answer?",
        "Let one function return the answer, whatever the line is, and let one place send it.",
    ),
    ("12",),
)
TO_ANOTHER = Diagnosis(
    "the answer went to another client: all clients share the queue in which it waits, or the variable that says where it goes",
    (
        "Where does an answer wait until it is sent, and what says where it goes? Is that a global variable, or a class attribute?",
        "Give each member its own: self.lines = deque() in __init__(), or in a handler's setup().",
    ),
    ("03", "06", "12"),
)
NOT_ON_THE_PAGE = Diagnosis(
    "the page has no such answer",
    ("Compare the answer with the page's table, letter by letter.", "An answer begins with OK, NO, HERE or BYE; news with another word."),
    ("12",),
)
TO_THE_LETTER = Diagnosis(
    "the answer has a blank too many or too few, or another line end than a newline",
    ("What does repr() show of the answer that you send?", "One blank between two words, none at the end, then b'\\n' alone: no b'\\r'."),
    ("12",),
)
HANGS_UP = Diagnosis(
    "the server ends the connection where it should answer",
    (
        "Which of your lines ends the conversation here: a return, a break, or an error that is caught outside the loop?",
        "Nothing of this kind ends a connection: answer the line, and continue with the next one.",
    ),
    ("12",),
)
PAYS = Diagnosis(
    "the message goes to the connection of a member who has gone, or has been disconnected, and the speaker pays for it",
    (
        "Which code sends to the member who has gone? What does sendall() raise then, and whose conversation does that end?",
        "An error while you send to ben concerns ben, not the speaker.",
    ),
    ("02", "12"),
)
NOT_YET = Diagnosis(
    "the server does not check whether the client has a name, or checks too late: a client without one is answered like "
    "everybody else",
    (
        "What may a client do before it has a name? Which line of your server checks that, and what has been answered before "
        "that line?",
        "Check in the page's order: without a name, everything but QUIT and NAME is answered with NO name, even what is no "
        "command.",
    ),
    ("12",),
)
NO_NAME = Diagnosis(
    "something that is not a name is accepted as one",
    (
        "What does your server accept as a name: nothing, two words, 21 letters, an underscore (as a pattern's \\w does)?",
        "Everything after the first blank has to be a name: isalnum(), and at most 20 characters.",
    ),
    ("12",),
)
NO_SUCH_COMMAND = Diagnosis(
    "the server does not know this command: it is not written yet, or the line is compared with something else",
    (
        "Which line of your server looks for this command? What does it compare, and is a newline still at the end?",
        "Write one branch for each row of the page's table, and answer `NO command` to all the rest.",
    ),
    ("12",),
)
REFUSED = Diagnosis(
    "a name of letters and digits is refused",
    (
        "Which characters does your check accept as letters, and which as digits? And how many may there be?",
        "str.isalnum() knows the letters and digits of every script, isalpha() the letters only; and 20 of them are still a name.",
    ),
    ("12",),
)
NO_ROOM = Diagnosis(
    "what is no name for a room is not refused as one",
    ("Which rule has the page for a room's name?", "1 to 20 letters or digits, as for a member's name: one function can check both."),
    ("12",),
)
IN_NO_ROOM = Diagnosis(
    "a member in no room is answered as if it were in one",
    (
        "What is a member's room before its first JOIN? Who else is in that room?",
        "Check this before you tell anybody: a member in no room is answered with NO room.",
    ),
    ("12",),
)
SAME_ROOM = Diagnosis(
    "a member that joins the room it is already in does not leave it first",
    (
        "Section 2 of the page: what does JOIN do if the member is already in that room?",
        "The same room is no special case: all others in it are sent LEFT Ann, then JOINED Ann.",
    ),
    ("12",),
)
MORE_THAN_ASKED = Diagnosis(
    "the answer says more than the page allows",
    ("Compare the answer with the page's table, word by word.", "OK is the whole line: what was said is news, and goes to the others."),
    ("12",),
)
NOBODY_THERE = Diagnosis(
    "a message to somebody who is not there is not refused",
    (
        "What does your server answer when it does not find the person to tell?",
        "When there is no such name, answer NO nobody, and send nothing.",
    ),
    ("12",),
)
CHARACTERS = Diagnosis(
    "the limit counts characters, but the page's limit is a number of bytes",
    ("How many bytes are 4,000 Chinese characters in UTF-8?", "Check the length before you decode."),
    ("00", "12"),
)
TOO_MANY = Diagnosis(
    "HERE names a member that is not in the room",
    (
        "Whom does your server list: all members, or those of one room? Those who have left, too?",
        "A member is in one room at most: list those whose room is that of the one who asks.",
    ),
    ("12",),
)
TOO_FEW = Diagnosis(
    "HERE leaves out a member of the room",
    (
        "Whom does your server list? When one member joins or leaves, what happens to the others on the list?",
        "Take only the member that leaves off the list, and keep the room as long as anybody is in it.",
    ),
    ("12",),
)
CASE_IGNORED = Diagnosis(
    "the names after HERE are sorted without regard to capital letters",
    ("What is sorted: the names, or names made lower-case for it?", "By code point, Z comes before a: sorted(names), without key=."),
    ("12",),
)
NOT_SORTED = Diagnosis(
    "the names after HERE are not sorted",
    ("In which order does your server go through the members?", "sorted() lists the names in the order of the page's example."),
    ("12",),
)
ANY_LETTERS = Diagnosis(
    "there are more letters than a to z, and 20 of them may be more than 20 bytes",
    (
        "Which characters does your check accept as letters? And what does it count: characters, or bytes?",
        "Decode first. str.isalnum() knows the letters and digits of every script, and len() of a text counts characters.",
    ),
    ("12",),
)
TWO_NAMES = Diagnosis(
    "ann and Ann are different names, because they are different texts",
    ("What does your server compare when somebody asks for a name?", "The page compares texts as they are: no lower(), no casefold()."),
    ("12",),
)
NAMED = Diagnosis(
    "a client that has a name is given another one",
    (
        "What does NAME do for a client that already has a name?",
        "Check the client first, then the name: on the page, NO named stands above the others.",
    ),
    ("12",),
)
NAMED_IN_VAIN = Diagnosis(
    "a client whose NAME was refused counts as one that has a name",
    (
        "What does your server store about a client before it knows that the name is valid and free?",
        "Check first: store the name only when the answer will be OK.",
    ),
    ("12",),
)
STILL_THERE = Diagnosis(
    "the name of a member that has left is not free again: on some way out, it is not taken off the list",
    (
        "In which ways does a client leave: QUIT, the end, an error of recv() or send()? Which lines does each of them skip?",
        "Take the member off the list and tell the room in finally, which is reached on every way out.",
    ),
    ("02", "06", "12"),
)
CLEAN_UP_FAILED = Diagnosis(
    "an uncaught error (see the log) ended a visit before its name was free again",
    (
        "Look into the log: which of your lines raised it, and which lines were skipped then?",
        "In finally, take the member off the list first, then tell the room; and catch the error of a send where you send.",
    ),
    ("02", "12"),
)
STAYS_OPEN = Diagnosis(
    "a client has left, but the server keeps its side of the connection open",
    (
        "When does your server close a connection: after BYE, and also when the client has said that it will send no more?",
        "Send what is still unsent, such as BYE; then close the connection, even if nothing is left to send.",
    ),
    ("02", "12"),
)
BYE_LOST = Diagnosis(
    "the connection is ended before BYE has gone out",
    (
        "Which code sends BYE, and which ends the connection? Does the second wait for the first?",
        "Let the sender end the connection once everything is sent, or join() its thread first; asyncio: close(), not abort().",
    ),
    ("03", "12"),
)
EMPTY_LINE = Diagnosis(
    "an empty line is a line, though no command: it is answered, too",
    ("What is left of b'\\n' without its newline? And what does `if line:` make of that?", "The end is b''; an empty line is b'\\n'."),
    ("00", "12"),
)
TOLD_TWICE = Diagnosis(
    "TOLD is sent twice: to the receiver, and to the sender as well",
    ("To whom does your server send TOLD?", "TOLD goes to one person alone. The one who tells is answered with OK."),
    ("12",),
)
TELL_ONESELF = Diagnosis(
    "the sender is not looked up: TELL with one's own name is refused, or reaches nobody",
    (
        "Section 2 of the page: whom can TELL reach?",
        "Look the name up among all members, including the sender, who gets TOLD first, then OK.",
    ),
    ("12",),
)
LOCKS_TWICE = Diagnosis(
    "TELL with one's own name is never answered: perhaps a thread waits for a lock that it holds itself",
    (
        "Which locks does your server hold when it sends to the receiver? Is one of them taken again if that is the sender?",
        "Take each lock once: look the receiver up under one lock, and let only the function that sends take the receiver's.",
    ),
    ("03", "12"),
)
GOES_ON_AFTER_QUIT = Diagnosis(
    "what follows QUIT is carried out, too: the loop over the received lines continues after the client has left",
    (
        "QUIT and another line may come in one piece. Which line of your server leaves the loop over the lines?",
        "After BYE, carry out nothing more from this client: return, break, or check a flag that says that it has left.",
    ),
    ("12",),
)
BLANKS = Diagnosis(
    "blanks are part of what is said, even two of them, and one at the end",
    (
        "What do strip() and split() do with blanks?",
        "line.partition(' ') cuts once, at the first blank: what follows is the text, as it is. From the line's end, cut only "
        "the newline.",
    ),
    ("12",),
)
CUT_SHORT = Diagnosis(
    "only a part of the text arrives",
    (
        "Where is the text cut: at a blank, at a character, or at a number of bytes?",
        "A text goes to the end of its line, blanks included: line.partition(' '), or split(' ', 1).",
    ),
    ("12",),
)
OVERTAKES = Diagnosis(
    "lines overtake each other: a line is sent to a member before the one before it is on its way",
    (
        "How many threads or tasks send to one member? Which of them comes first?",
        "Use one queue for each member, and one thread that takes out the lines in order and sends them; or let the loop send.",
    ),
    ("03", "12"),
)
LET_GO_EARLY = Diagnosis(
    "a member for whom less than 4 MB wait is disconnected: the limit is too low, or it counts what was sent long ago",
    (
        "How many bytes wait for the member at that moment? Which line of your server reduces the number again?",
        "Count what is unsent: add when a line goes into the queue, subtract when it has been sent. Keep 4 MB, and disconnect "
        "at 10 MB at the latest.",
    ),
    ("04", "12"),
)
LINES_LOST = Diagnosis(
    "whole lines are lost: they are dropped where there is no room, or two threads change one buffer at the same time",
    (
        "Where does a line wait until it is sent? What happens where there is no room (maxsize=, maxlen=, pause_writing())?",
        "Drop no line: use a queue without maxsize, and disconnect a member above a limit in bytes. A buffer that several "
        "threads change needs a lock.",
    ),
    ("03", "12"),
)
LOST = Diagnosis(
    "lines are lost, or cut, on the way to a member that reads, while many are said",
    (
        "What does send() return, and what does your server do when it has taken less than all?",
        "Keep what send() did not take, and send it when there is room; and cut what comes in at newlines, wherever a recv() ends.",
    ),
    ("00", "04", "12"),
)
NEVER_SENT = Diagnosis("send() says how much it took; the rest was never sent", LOST.hints, ("04", "12"))
LEAVES_ANOTHER = Diagnosis(
    "another member than the one that left is said to have left: perhaps one variable for all clients says who that is",
    (
        "How does the code that cleans up know whose connection has ended? Is that a global variable, or a class attribute?",
        "Keep each client's member in a local variable of its handler, or look it up by its connection.",
    ),
    ("03", "12"),
)
GONE_UNTOLD = Diagnosis(
    "a member has left, but the room is not told: on some way out, nothing is sent to it",
    (
        "Which of your functions does everything that leaving needs? Is it called on each way out, even when the server "
        "disconnects somebody?",
        "Use one function for every way out: off the list, out of the room, LEFT to the others.",
    ),
    ("12",),
)
WITHOUT_LIMIT = Diagnosis(
    "what is kept for a member that does not read has no limit: any client can fill the memory",
    (
        "Where do the lines for a member that never reads go, and how many may there be?",
        "Count the bytes that wait for each member; disconnect a member above the limit, as if it had left.",
    ),
    ("04", "12"),
)
DROPS = Diagnosis(
    "when too much waits for a member, lines are thrown away, and its connection stays open",
    (
        "What does your server do beyond the limit: drop a line, or the member? Does the thread that reads from it notice?",
        "shutdown(SHUT_RDWR) wakes those who are in recv() or sendall(); close() in another thread does not. asyncio: transport.abort().",
    ),
    ("03", "12"),
)
CLOSES_LATE = Diagnosis(
    "a member that does not read is disconnected only when it has read what waits for it",
    (
        "What does close() of your transport or writer do with what is unsent? How long does that take, when nobody reads?",
        "transport.abort() drops what is unsent, and ends the connection at once. Tell the room in the same moment.",
    ),
    ("05", "12"),
)
TOO_LONG_STAYS = Diagnosis(
    "a line that is too long is answered, and its client stays connected",
    (
        "Section 1 of the page: what must a server do with a client that sends more than 10,000 bytes?",
        "End its connection: the client has left, and the room is told.",
    ),
    ("12",),
)
LIMIT_OF_ALL = Diagnosis(
    "several lines that arrive together are taken for one that is too long: the limit is applied to everything received",
    (
        "What is in your buffer when its length is checked: one line, or whatever has arrived?",
        "Cut at newlines first. Then check each line, and what is left after the last newline.",
    ),
    ("00", "12"),
)
NO_LIMIT_YET = Diagnosis(
    "what has no newline is kept, however much it is: the length of a line is looked at only when its newline has come",
    (
        "What does your server keep of a line that has no newline yet, and for how long?",
        "Check what is left after the last newline, too: more than 10,000 bytes there are a line that is too long.",
    ),
    ("04", "12"),
)
LENIENT = Diagnosis(
    "bytes that are not UTF-8 are decoded all the same: errors='replace' or 'ignore' hides them, and latin-1 accepts any byte",
    (
        "What does your server make of b'\\xff'? Which encoding does it name, and what does it do with errors?",
        "bytes.decode() is strict, and UTF-8, unless told otherwise: catch UnicodeDecodeError for this one line, and answer NO text.",
    ),
    ("00", "12"),
)
DECODES_PIECES = Diagnosis(
    "bytes from recv() are decoded before the line is complete: a character may be cut in two",
    ("What does decode() do with the first of a character's three bytes?", "Cut bytes at b'\\n' first, then decode each line."),
    ("00", "12"),
)
NOBODY_CATCHES = Diagnosis(
    "bytes that are not UTF-8 raise UnicodeDecodeError, and that ends the connection",
    (
        "What does decode() do with b'\\xff'? Which of your lines are skipped then?",
        "Catch UnicodeDecodeError around decode(), for this one line, and answer NO text.",
    ),
    ("00", "12"),
)
SPLITS_LINES = Diagnosis(
    "another character is taken for a line's end, too: splitlines() knows ten of them, and a text file treats \\r as one",
    (
        "At which characters does splitlines() split? And what does makefile('r') without newline='\\n' make of \\r?",
        "Cut bytes at b'\\n' alone, then decode each line; or use makefile('r', newline='\\n').",
    ),
    ("00",),
)
TAKEN_TWICE = Diagnosis(
    "two clients saw that the name was free before one of them took it: checking and taking are two steps",
    (
        "What may another thread, or at an await another coroutine, do between your `if name in ...` and the line that puts the name in?",
        "Check and take under one lock, or without an await between; or put it in with one call: members.setdefault(name, me) "
        "is me.",
    ),
    ("03", "12"),
)
DEAF = "the list of members is not shared: each process has a copy of its own, made when it was forked"
NAMES_ANOTHER = "the news names somebody other than the speaker, or nobody"
OTHER_WORD = Diagnosis(
    "the text is right, but the news begins with another word",
    (
        "Section 3 of the page: which word does each kind of news begin with?",
        "What is said in a room is sent as SAID, what is told to one person as TOLD.",
    ),
    ("12",),
)
TO_ITSELF = Diagnosis(
    "the message goes to the one who said it, too",
    ("Who gets news of Ann? Section 3 of the page says: all others.", "Go over the members of the room, but leave out Ann herself."),
    ("12",),
)
OWN_NEWS = Diagnosis(
    "a member is sent the news of its own coming or going: that is for everybody else in the room", TO_ITSELF.hints, ("12",)
)
TO_ALL_ROOMS = Diagnosis(
    "it is sent to all members, whatever room they are in",
    (
        "Which members does your loop go over: all of them, or those of one room?",
        "Send news only to members whose room is the speaker's. A member that changes rooms is in one room at a time.",
    ),
    ("12",),
)
TWICE = "the same news is told twice"
LEFT_TWICE = f"{TWICE}: who has left by QUIT, or for another room, leaves again in the clean-up, which does not see that"
