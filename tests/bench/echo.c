/* The yardstick for servers: an echo server in C on epoll, single-threaded, as simple as the models.

   cc -O2 echo.c -o echo; ./echo    prints its port, then echoes everything it receives.
   ./echo http                      answers everything with an empty HTTP response: for wrk. */

#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void must(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static const char http[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: a C yardstick\r\n\r\n";

int main(int argc, char **argv) {
    (void)argv;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    must(bind(listener, (struct sockaddr *)&address, size) == 0, "bind");
    must(listen(listener, 128) == 0, "listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[1024];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    char buffer[65536];
    for (;;) {
        int number = epoll_wait(epoll, ready, 1024, -1);
        for (int i = 0; i < number; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) {
                int connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (connection >= 0) {
                    event.data.fd = connection;
                    epoll_ctl(epoll, EPOLL_CTL_ADD, connection, &event);
                }
                continue;
            }
            ssize_t got = recv(fd, buffer, sizeof buffer, 0);
            if (got > 0 && argc > 1) {
                got = strlen(http);
                memcpy(buffer, http, got);
            }
            if (got > 0 && send(fd, buffer, got, MSG_NOSIGNAL) == got)
                continue;
            if (got < 0 && errno == EAGAIN)
                continue;
            close(fd); /* the client has left, or does not read its answers */
        }
    }
}
