# Misconception: each line of a mail is a command, and is answered.
# Fails: takes a mail
# Told: expected an answer with 500, came '250 go on'
import socketserver

ANSWERS = {"HELO": "250 hello", "MAIL": "250 OK", "RCPT": "250 OK", "DATA": "354 end with a dot", "QUIT": "221 bye"}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 ready")
        while line := self.rfile.readline():
            command = line.decode().strip()[:4].upper()
            self.say(ANSWERS.get(command, "500 what?"))
            if command == "DATA":
                self.take_mail()
            if command == "QUIT":
                return

    def take_mail(self):
        while line := self.rfile.readline():
            line = line.decode().rstrip("\r\n")
            if line == ".":
                return self.say("250 taken")
            print("took:", line.removeprefix("."), flush=True)
            self.say("250 go on")

    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")


with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
    server.serve_forever()
