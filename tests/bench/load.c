/* The yardstick for load generators: a closed loop in C on epoll, single-threaded.

   cc -O2 load.c -o load; ./load PORT CONNECTIONS SECONDS BYTES [each]    prints the answers per second.
   `each`: a new connection for each question. The first 0.3 s are not counted. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int epoll, each, size;
static struct sockaddr_in address = {.sin_family = AF_INET};
static char question[65536], answer[65536];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void must(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void ask(int fd) { must(send(fd, question, size, MSG_NOSIGNAL) == size, "send"); }

static void begin(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(fd >= 0, "socket");
    must(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    ask(fd);
}

int main(int argc, char **argv) {
    must(argc >= 5, "usage: load PORT CONNECTIONS SECONDS BYTES [each]");
    int connections = atoi(argv[2]);
    double seconds = atof(argv[3]);
    size = atoi(argv[4]);
    each = argc > 5;
    address.sin_port = htons(atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(question, 'x', size);
    question[size - 1] = '\n';
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    epoll = epoll_create1(0);
    for (int i = 0; i < connections; i++)
        begin();
    double start = now() + 0.3, end = start + seconds, moment = 0;
    long answers = 0;
    struct epoll_event ready[1024];
    while ((moment = now()) < end) {
        int number = epoll_wait(epoll, ready, 1024, 100);
        for (int i = 0; i < number; i++) {
            int fd = ready[i].data.fd;
            ssize_t got = recv(fd, answer, size, 0);
            if (got < 0 && errno == EAGAIN)
                continue;
            /* 64 bytes arrive in one piece over loopback; other cases are not what we measure */
            must(got == size && memcmp(answer, question, size) == 0, "answer");
            answers += moment >= start;
            if (each) {
                close(fd);
                begin();
            } else
                ask(fd);
        }
    }
    printf("%.0f\n", answers / seconds);
    return 0;
}
