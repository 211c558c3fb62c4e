"""The mistakes of TCP servers, in words, with hints that lead to them."""

from clients.examiner.requirements import Diagnosis

UNFLUSHED = Diagnosis(
    "the answer is written to a file, and stays in its buffer: nobody flushes it",
    (
        "Where is the answer between write() and the wire?",
        "A file of makefile(), or wfile with a wbufsize, keeps what is written until its buffer is full: flush() after each answer, or "
        "sendall() instead.",
    ),
    ("06",),
)
COUNTS_CHARACTERS = Diagnosis(
    "the length of a text is taken for its number of bytes, and the answer is cut off there: in UTF-8, a character may have several bytes",
    (
        "What is len('你好'), and what is len('你好'.encode())? Which of the two does your server use?",
        "Encode first, and count then: data = text.encode(), len(data). sendall(data) needs no length at all.",
    ),
    ("00",),
)
READS_TO_THE_END = Diagnosis(
    "the server reads until the client has sent its last byte, and only then answers",
    (
        "Which call waits for the end: read(), readlines(), or a loop that gathers until recv() returns b''?",
        "A line ends with its newline. Answer it as soon as that has come.",
    ),
    ("00", "06"),
)
NOT_ACCEPTED = Diagnosis(
    "the client was never accepted: the server listens, and nobody calls accept()",
    ("What is the server waiting for while a client waits to be accepted?", "listen() opens the queue; accept() takes a client out of it."),
    ("01",),
)
NOT_READ = Diagnosis(
    "the client was accepted, but nobody reads what it sends",
    (
        "Who calls recv() for this client? Was its thread started, its child forked, its coroutine awaited, its socket registered?",
        "Nothing happens on a connection until some code calls recv() on it.",
    ),
    ("01", "03"),
)
A_PROGRAM_BUFFERS = Diagnosis(
    "another program has the connection, and keeps its answer in a buffer: most programs write each line at once only if their output "
    "is a terminal",
    (
        "When does that program write what it has to say? Is its standard output a terminal?",
        "Tell the program to write each line at once: stdbuf -oL, sed -u, grep --line-buffered, python -u. Or answer in your own code.",
    ),
    ("02",),
)
KEPT_BY_A_POOL = Diagnosis(
    "the client was accepted, but nobody reads what it sends: an error came before the first recv(), and the pool keeps that "
    "error to itself",
    (
        "Who would show an error here? A pool's submit() keeps it in the Future, apply_async() in its result: ask for that.",
        "Does the function accept the arguments that submit() passes? A pool of processes has to pickle them, too.",
    ),
    ("03",),
)
WAITS_FOR_OTHERS = Diagnosis(
    "the client was accepted, but nobody reads what it sends before other clients have come",
    (
        "How many clients does your server accept before it serves the first?",
        "Serve each client as soon as accept() has returned it.",
    ),
    ("01",),
)
SKIPS_LINES = Diagnosis(
    "only every second line is answered: two calls read a line each, and one of the two is dropped",
    (
        "How many calls read from the client in one pass of your loop? What happens to the result of each?",
        "Read in one place, keep the line in a variable, and answer it: for line in connection.makefile('rb').",
    ),
    ("00", "06"),
)
WANTS_CRLF = Diagnosis(
    "the server waits for \\r\\n; a line here ends with \\n alone",
    ("At which bytes does your server cut the stream into lines?", "The newline, b'\\n', ends a line; nc sends no \\r either."),
    ("00",),
)
READS_A_NUMBER = Diagnosis(
    "the server waits for a fixed number of bytes: read(n) of a file, readexactly(n) and MSG_WAITALL return when all n have come",
    (
        "How many bytes does the reading call wait for? How many does a line have?",
        "recv(n) returns what is there, at most n bytes; readline() returns when the newline has come.",
    ),
    ("00", "06"),
)
NO_ANSWER = Diagnosis(
    "the line was received, and no answer was sent",
    ("What does the server do when recv() has returned?", "Print what it has received, and follow it from there."),
    ("01",),
)
ASKS_THE_KEYBOARD = Diagnosis(
    "the line was received, but the server then waits for somebody to type the answer: in input(), or for sys.stdin",
    (
        "Who types what input() returns? Your server runs by itself, and nobody sits at its keyboard.",
        "The answer to a line is that line: send back what recv() returned.",
    ),
    ("01",),
)
NO_NEWLINE = Diagnosis(
    "the answer has no newline at its end, so the client waits for the rest of the line",
    ("How does the client know where the answer ends?", "Answer a line with a line: data + b'\\n'."),
    ("00",),
)
OUT_OF_ORDER = Diagnosis(
    "all answers come, but not in the order of the lines: several threads or tasks answer one client, each when its turn comes",
    (
        "How many threads or tasks send to the same client? What decides which of them goes first?",
        "Use one thread or task, or one queue, for all answers to a client.",
    ),
    ("03", "05"),
)
CLOSES_AT_ONCE = Diagnosis(
    "the connection is closed before the line is answered",
    (
        "Who closes the connection, and when? A `with connection:` closes it at the end of its block.",
        "The code that serves the client closes the connection, once the client has left.",
    ),
    ("01", "03"),
)
PRINTS_IT = Diagnosis(
    "the line was received and printed, but no answer was sent: print() writes to your terminal, not to the client",
    (
        "Who reads what print() writes? Where does the client read?",
        "Whatever the client should get goes through its connection: connection.sendall(line).",
    ),
    ("01",),
)
ONE_ANSWER_CUT = Diagnosis(
    "one answer, without a newline at its end, and then the server hangs up: strip() took the newline off, and nobody calls recv() again",
    (
        "How does the client know where the answer ends? And what does the server do after it has sent it?",
        "Receive and answer in a loop, until recv() returns b''. And answer a line with a line: data + b'\\n'.",
    ),
    ("00", "01"),
)
CHANGES_LETTERS = Diagnosis(
    "the answer is not what was sent: upper(), lower() or something like them changed its letters",
    (
        "Compare the answer with what was sent, letter by letter.",
        "The answer is what was sent, and nothing else: send the bytes as they came.",
    ),
    ("00", "01"),
)
THE_SAME_AGAIN = Diagnosis(
    "the answer is the same, whatever was sent",
    ("Where in the answer is what the client sent?", "The answer is what was sent, and nothing else: send the bytes as they came."),
    ("00", "01"),
)
CUT_AT_BLANKS = Diagnosis(
    "a line ends with its newline; split() without an argument cuts at each blank as well, and makes a line of each word",
    ("At which bytes does your server cut what it has received?", "split(b'\\n') cuts at newlines alone; so does readline()."),
    ("00",),
)
NEWLINE_TWICE = Diagnosis(
    "an empty line follows each answer: the line still had its newline, and a second one was added",
    (
        "What is the last byte of what readline() returns?",
        "Take the newline off before you add one: line.removesuffix(b'\\n') + b'\\n'.",
    ),
    ("00",),
)
ANSWERS_THE_REST = Diagnosis(
    "an empty line follows the answers to each piece: split(b'\\n') gives one part more than there are lines",
    (
        "What does b'hello\\n'.split(b'\\n') give, and which of its parts are lines?",
        "*lines, rest = (rest + data).split(b'\\n'): what follows the last newline is not a line yet, and has to wait.",
    ),
    ("00", "06"),
)
LATE = Diagnosis(
    "the server pauses before it answers, and computes nothing meanwhile: time.sleep(), in whatever serves or accepts the "
    "clients, or a call that waits for something other than the client",
    (
        "Which call waits although the client's line has long arrived? Look for sleep(), and for timeouts that have to pass "
        "first.",
        "accept(), recv() and select() wait by themselves, and return as soon as something comes: no sleep() is needed beside "
        "them.",
    ),
    ("01", "04", "05"),
)
NOT_ASKED_FOR = Diagnosis(
    "the server waits in its selector, and the selector does not tell of this client any more: it was registered to report "
    "only once (EPOLLONESHOT), or its entry was removed or changed after the first answer",
    (
        "After the first answer: which sockets does your selector watch, and for what?",
        "Without EPOLLONESHOT, it reports every time; with it, call modify() after each answer. unregister() is for clients "
        "that have left.",
    ),
    ("04",),
)
ANSWERS_ONCE = Diagnosis(
    "the server answers once for each connection, and then goes back to accept(), or hangs up; a client may send many lines",
    (
        "What does your server do after its first answer? Which call comes next?",
        "Receive and answer in a loop, until recv() returns b''.",
    ),
    ("01",),
)
SHARED_BUFFER = Diagnosis(
    "all clients share one buffer: half a line of one client is put in front of another's",
    (
        "How many clients share the buffer? What does it hold when one of them has sent half a line?",
        "Give each connection a buffer of its own, and drop it when the client leaves.",
    ),
    ("04",),
)
MIXED = Diagnosis(
    "what belongs to one client (its line, its answer, or its address) is overwritten, or taken, by another one's thread: they share "
    "the variable, or the queue",
    (
        "Which of your variables and queues do all threads share? Look at global ones, and at attributes of objects that all of them use.",
        "Keep what belongs to one client in local variables, or in an object or a queue made for that client.",
    ),
    ("03",),
)
RECV_IS_A_LINE = Diagnosis(
    "each recv() is taken for a line. TCP keeps no messages apart: a line may come in two pieces, and a piece may hold two lines",
    (
        "How much of a line does one recv() give you? TCP does not say.",
        "Keep what has no newline yet, and append the next piece to it. Or let readline() of a file do that.",
    ),
    ("00", "06"),
)
STALE_BYTES = Diagnosis(
    "bytes of an earlier, longer line follow the answer: the buffer is sent as a whole, or up to a zero byte (strlen)",
    (
        "How many bytes of the buffer belong to what has come just now? recv() and recv_into() say how many.",
        "Send so many and no more: buffer[:number], or the bytes that recv() returns.",
    ),
    ("00",),
)
PAUSE_IS_THE_END = Diagnosis(
    "a pause is taken for the end of the line: whatever has come is answered when nothing more comes for a moment",
    (
        "How does your server know that a line is complete: by its newline, or by a timeout?",
        "A client may pause in the middle of a line for as long as it likes. Keep what has come until the newline arrives.",
    ),
    ("00", "06"),
)
FORGETS_THE_FIRST_HALF = Diagnosis(
    "what has no newline yet is thrown away, or forgotten when the next piece comes",
    ("Where is the first half of the line when the second comes?", "Keep it, for each client, until its newline has come."),
    ("04", "06"),
)
FIRST_LINE_ONLY = Diagnosis(
    "only the first line of a piece is answered; what came after it is thrown away",
    (
        "Two lines may come in one piece. How many answers does your server send then?",
        "Split what has come at each newline, and answer every part. What follows the last newline has to wait.",
    ),
    ("00", "06"),
)
ONE_LINE_EACH_TIME = Diagnosis(
    "one line is answered for each piece; what came after it waits until the client sends something more",
    (
        "Two lines may come in one piece. What makes your server look at the second?",
        "Use while instead of if: answer as long as there is a newline in the buffer, then receive again.",
    ),
    ("00", "06"),
)
READ_AHEAD = Diagnosis(
    "readline() takes all that has come into its file's buffer, and returns one line; the next one waits there, where select() does not "
    "see it",
    (
        "Two lines may come in one piece. Where is the second one when readline() has returned the first? What does select() look at?",
        "With a selector, use recv(), split what has come at each newline, and keep the rest for each client. A file wants a thread of "
        "its own.",
    ),
    ("04",),
)
WAITS_FOR_THE_REST = Diagnosis(
    "a complete line is not answered while half of the next one follows it: the buffer is checked only when it ends with a "
    "newline",
    (
        "A piece may hold a line and a half. What does endswith(b'\\n') say of it?",
        "Answer everything before the last newline at once, and keep the rest: *lines, rest = buffer.split(b'\\n').",
    ),
    ("00", "06"),
)
TEXT_FILE = Diagnosis(
    "a text file for reading and writing, makefile('rw'), drops what it has read ahead when something is written to it",
    (
        "Two lines may come in one piece: the file has read both. Where is the second one after write()?",
        "Use two files, makefile('rb') and makefile('wb'), or one for reading and sendall() for writing. Bytes need no text file.",
    ),
    ("06",),
)
A_FILE_EACH_TIME = Diagnosis(
    "makefile() is called anew for each line, and whatever the previous file had read ahead is lost with it",
    (
        "How much does a file read at once? Where is the part that it has not given you yet when you make a new file?",
        "Make one file for each connection, once: for line in connection.makefile('rb').",
    ),
    ("06",),
)
EMPTY_IS_THE_END = Diagnosis(
    "an empty line is taken for the end. At the end, recv() or readline() returns b'', with no newline",
    (
        "What is b'\\n' after strip()? What does `if not line` make of that?",
        "Compare what was read before you strip anything: b'' is the end, b'\\n' is an empty line.",
    ),
    ("00", "06"),
)
EMPTY_IS_SKIPPED = Diagnosis(
    "an empty line is not answered: it is a line like any other",
    (
        "What does `if line:` make of an empty line?",
        "split(b'\\n') gives one part more than there are lines; only the last part is not a line.",
    ),
    ("00", "06"),
)
STRIPS = Diagnosis(
    "blanks belong to a line; strip() removes them together with the newline",
    ("What does strip() remove besides the newline?", "removesuffix(b'\\n') removes the newline alone."),
    ("00",),
)
SPLITS_WORDS = Diagnosis(
    "blanks belong to a line; split() and join() turn several blanks, and tabs, into one",
    ("What is left of two blanks after split() and join()?", "Answer the bytes that came; split a copy of them to find a command."),
    ("00",),
)
SPLITS_LINES = Diagnosis(
    "\\r, or one more byte, is taken for a line's end, too, by splitlines() or by a text file, makefile('r'): only the newline ends a "
    "line here",
    (
        "At which bytes does splitlines() split, and at how many more if it is text? What does a text file without newline='\\n' make "
        "of \\r?",
        "split(b'\\n') splits at newlines alone; so does a file for bytes, makefile('rb').",
    ),
    ("00",),
)
CARRIAGE_RETURN_LOST = Diagnosis(
    "a \\r at the end of a line belongs to it; strip() and rstrip(b'\\r\\n') remove it together with the newline",
    ("Which bytes does rstrip() remove besides the newline?", "removesuffix(b'\\n') removes the newline alone."),
    ("00",),
)
TWO_ENCODINGS = Diagnosis(
    "bytes are decoded with one encoding and encoded with another: one byte becomes two",
    (
        "Which encoding does decode() use, and which encode()? Both use UTF-8 when you name none.",
        "A server that only passes bytes on need not decode them.",
    ),
    ("00",),
)
ZERO_ENDS_IT = Diagnosis(
    "a zero byte is taken for the end: strlen() and printf() of C stop there",
    ("How does your server know how many bytes to send?", "Send as many bytes as recv() or getline() reported."),
    ("00",),
)
HALF_A_CHARACTER = Diagnosis(
    "each piece is decoded on its own: when a character is cut in two, neither half is text, and both are replaced or left out",
    (
        "How many bytes does a character have in UTF-8? Who says that recv() returns all of them at once?",
        "Gather bytes until the newline has come, and decode the whole line; or leave it as bytes.",
    ),
    ("00", "02"),
)
DECODES_LENIENTLY = Diagnosis(
    "bytes are taken for text, and those that its encoding (UTF-8, ASCII) does not have are replaced or left out",
    (
        "What happens to b'\\xff' with errors='replace' or 'ignore'?",
        "A server that only passes bytes on need not decode them.",
    ),
    ("00", "02"),
)
LEAVES_OUT = Diagnosis(
    "some bytes are left out: a filter for control characters, or for all that is no letter, takes more than the newline",
    ("Which values are missing in the answer? Which line of your server tests for them?", "A line is passed on as it came."),
    ("00",),
)
TOO_SHORT = Diagnosis(
    "there is a limit to what one recv() or readline() gives; the rest of the line comes with the next call",
    ("How long a line fits into one recv() of your server?", "Keep receiving until the newline has come."),
    ("00", "06"),
)
SHORT_IS_THE_END = Diagnosis(
    "a recv() that returns less than it could is taken for the end: when a line fills the buffer to the last byte, the server "
    "waits for more and does not answer",
    (
        "How does your server know that a line is complete? What if the line has exactly as many bytes as recv() was asked for?",
        "The newline ends a line, however many bytes recv() has returned.",
    ),
    ("00", "06"),
)
EDGE_TRIGGERED = Diagnosis(
    "the selector is edge-triggered (EPOLLET): it reports new data once, and the server reads only a part of it",
    (
        "How often does epoll report that there is something to read? And how much is left after one recv()?",
        "After each report, call recv() until it raises BlockingIOError; or use level-triggered mode, without EPOLLET.",
    ),
    ("04",),
)
HANGS_UP = Diagnosis(
    "the server hangs up when its client finishes (recv() returns b'', or EPOLLRDHUP is taken for the end), or forgets what it "
    "could not send at once",
    (
        "The client has said that it will send no more, but it still reads. What is still to be sent then?",
        "Read until recv() returns b'', send what is still to be sent, and then close the connection.",
    ),
    ("02", "06"),
)
LEAVES_A_LINE = Diagnosis(
    "the server leaves as soon as it has seen the client's end, with a line received and not answered yet: at_eof(), for example, says "
    "that nothing more will come, not that everything is answered",
    (
        "Which lines has your server received and not answered when it sees the end? What happens to them?",
        "Answer every line that has come, then close. In asyncio, b'' from readline() is the end, not at_eof(); and eof_received() "
        "returns True to keep the transport open until then.",
    ),
    ("05", "06"),
)
LINGERS_NOT = Diagnosis(
    "the connection is broken off by a reset, which drops what was not yet sent: SO_LINGER of 0 s, or a close with something unread",
    (
        "What happens to answers that are still in the socket's buffer when it is closed?",
        "Without SO_LINGER, close() returns at once, and the kernel still sends what is in the buffer. Before that, read to "
        "the end, b''.",
    ),
    ("02", "13"),
)
NEVER_CLOSED = Diagnosis(
    "nobody closes the connection, or some process still holds a copy of it: for example, a child that inherited it",
    (
        "The client has said that nothing more will come: recv() returns b''. What does your server do then?",
        "The client sees the end when the last copy of the connection is closed. Which process holds one, or which file of makefile()?",
    ),
    ("02", "06"),
)
SENDS_A_PART = Diagnosis(
    "send() says how much it took; the rest was never sent",
    (
        "send() may send less than you gave it. What does it return?",
        "sendall() sends the rest, too. On a non-blocking socket it cannot: keep the rest, and send it when there is room.",
    ),
    ("02", "04", "13"),
)
GIVES_UP = Diagnosis(
    "the server closes the connection of a client that is slow to read, before all its answers are sent: a timeout or a limit "
    "ends it, or the BlockingIOError of a non-blocking socket",
    (
        "Which timeout applies to sendall() or drain()? settimeout() counts for sending, too. What does send() raise on a non-blocking "
        "socket when there is no room?",
        "A client may read late: wait for it, and read nothing more from it meanwhile. If you set a limit, make it minutes.",
    ),
    ("04", "06"),
)
SO_MANY_AND_NO_MORE = Diagnosis(
    "the server ends each conversation after so many lines, or bytes, however the client behaves",
    (
        "How often does the loop around your recv() or readline() run at most? What counts what has come?",
        "A client may stay, and ask, as long as it likes: the loop ends when recv() returns b''.",
    ),
    ("01",),
)
WAITS_IN_SEND = Diagnosis(
    "the server waits in send() for a client that does not read",
    (
        "A socket's buffer is full when the other side does not read. What does sendall() do then?",
        "In a loop that serves everybody, use non-blocking sockets, and keep what is unsent until the selector says that "
        "there is room.",
    ),
    ("04",),
)
SPINS_IN_SEND = Diagnosis(
    "the server computes all the time while a client does not read: it tries send() again and again, and serves nobody else meanwhile",
    (
        "What does your server do when send() raises BlockingIOError, or takes nothing? How often does it try?",
        "Keep what is unsent, go back to the selector, and ask it for EVENT_WRITE until all of it is sent.",
    ),
    ("04",),
)
SHORT_QUEUE = Diagnosis(
    "the queue in front of the server is too short (listen(1), for example): clients that come when it is full have to try "
    "again, a second or more later",
    (
        "How many clients may come at the same moment, before your server gets to its next accept()? And how many does listen() let wait?",
        "listen() without a number lets 128 wait, or as many as the system allows. More of them cost next to nothing.",
    ),
    ("01",),
)
SLEEPS_IN_THE_LOOP = Diagnosis(
    "while one client's line waits, asyncio's loop waits with it, and nobody is served: time.sleep(), or another call that waits and is "
    "not awaited, in a coroutine or a callback",
    (
        "Which thread runs the loop, and what does it do while time.sleep() waits?",
        "await asyncio.sleep(seconds); and await asyncio.to_thread(work) for a call that cannot be awaited.",
    ),
    ("05",),
)
STR_OF_BYTES = Diagnosis(
    "str() of bytes gives Python's notation for them, b'hello': it does not decode them",
    ("What does print(str(b'hello')) show?", "data.decode() gives the text. Better: send the bytes as they came."),
    ("00",),
)
CARRIAGE_RETURN = Diagnosis(
    "the answer ends with \\r\\n, but the line that was sent had no \\r",
    ("Which bytes stand at the end of the answer?", "A text file with newline='\\r\\n', or your own b'\\r\\n', adds one."),
    ("00",),
)
SPEAKS_FIRST = Diagnosis(
    "something else comes before the answer: a greeting, a prompt, or an answer that nobody asked for",
    ("What does the client get before it has sent anything?", "The answer to a line is the line, and nothing else: send nothing unasked."),
    ("00",),
)
TO_ALL = Diagnosis(
    "an answer goes to all clients, not only to the one who asked",
    (
        "To how many connections does your server send each answer?",
        "Send it to the connection from which the line came. (A chat sends to all; this server is no chat.)",
    ),
    ("03", "12"),
)
BUT_MORE = Diagnosis(
    "what was sent is in the answer, but not alone: something stands before or after it",
    ("Compare the answer with what was sent, byte by byte.", "The answer is what was sent, and nothing else."),
    ("00",),
)
