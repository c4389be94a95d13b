// Makes and serves the load of the benchmark of proxies; one thread, epoll, so that what it costs is known.
//
//   tunnels source PORT
//     Reads one TLS record (a ClientHello), then requests, a record of 8 bytes each: so many bytes are wanted. Sends them.
//   tunnels load PROXY TARGET NAME AT-A-TIME TUNNELS BYTES HOLD-MS
//     PROXY: ADDRESS:PORT or - for none; TARGET: HOST:PORT (an address without a proxy); NAME: the name in the ClientHello.
//     With HOLD-MS all are open at the same time for so long, and asked for one byte more before they end. Prints one line of JSON.
//   tunnels loris PROXY COUNT SECONDS
//     Holds connections whose request comes byte by byte and never ends.
//   tunnels pest KIND PROXY TARGET NAME COUNT SECONDS
//     silent: connections that say nothing. greedy: tunnels that are sent without end and never read. stalled: tunnels to a far end
//     that says nothing. resets: tunnels that are asked for and broken off, COUNT a second.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 262144, EVENTS = 256, HEADER = 5, REQUEST = HEADER + 8, MOST_HEAD = 8192 };
static char buffer[BUFFER];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_in address(const char *text) {
  char host[64];
  const char *colon = strrchr(text, ':');
  struct sockaddr_in at = {.sin_family = AF_INET};
  if (!colon || (size_t)(colon - text) >= sizeof host) die("address");
  memcpy(host, text, colon - text);
  host[colon - text] = 0;
  at.sin_port = htons(atoi(colon + 1));
  if (inet_pton(AF_INET, host, &at.sin_addr) != 1) die("address");
  return at;
}

static int opened(const struct sockaddr_in *at) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  if (fd < 0) die("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 && errno != EINPROGRESS) die("connect");
  return fd;
}

static void watch(int poll, int how, int fd, uint32_t events, void *of) {
  struct epoll_event event = {.events = events, .data.ptr = of};
  if (epoll_ctl(poll, how, fd, &event) < 0) die("epoll_ctl");
}

// ---- the source

struct served {
  int fd;
  size_t skip;       // of the ClientHello, still to come
  size_t have;       // bytes of `head`
  unsigned char head[REQUEST];
  int greeted;
  uint64_t owed;
};

static int feed(struct served *one, const unsigned char *bytes, size_t count) {
  for (size_t at = 0; at < count;) {
    if (one->skip > 0) {
      size_t part = one->skip < count - at ? one->skip : count - at;
      one->skip -= part;
      at += part;
      continue;
    }
    size_t wanted = one->greeted ? REQUEST : HEADER;
    one->head[one->have++] = bytes[at++];
    if (one->have < wanted) continue;
    one->have = 0;
    if (!one->greeted) {
      one->greeted = 1;
      one->skip = one->head[3] << 8 | one->head[4];
    } else {
      uint64_t more = 0;
      for (int i = HEADER; i < REQUEST; i++) more = more << 8 | one->head[i];
      one->owed += more;
    }
  }
  return 0;
}

static void source(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, poll = epoll_create1(0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 4096) < 0) die("listen");
  watch(poll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
  memset(buffer, 'x', sizeof buffer);
  static unsigned char in[BUFFER];
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poll, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      struct served *client = events[i].data.ptr;
      if (!client) {
        int fd;
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          client = calloc(1, sizeof *client);
          client->fd = fd;
          watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN, client);
        }
        continue;
      }
      ssize_t got = events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? read(client->fd, in, sizeof in) : -2;
      if (got == 0 || (got == -1 && errno != EAGAIN)) {
        close(client->fd);
        free(client);
        continue;
      }
      if (got > 0) feed(client, in, got);
      while (client->owed > 0) {
        ssize_t sent = write(client->fd, buffer, client->owed < BUFFER ? client->owed : BUFFER);
        if (sent <= 0) break;
        client->owed -= sent;
      }
      watch(poll, EPOLL_CTL_MOD, client->fd, EPOLLIN | (client->owed > 0 ? EPOLLOUT : 0), client);
    }
  }
}

// ---- the load

enum state { CONNECTING, ASKING, READING, HOLDING, AGAIN, ENDED };

struct tunnel {
  int fd;
  enum state state;
  size_t head;
  char tail[4];
  uint64_t left;
  double begun;
};

static struct {
  struct sockaddr_in to;
  int direct, at_a_time, count, hold_ms, poll;
  const char *target, *name;
  uint64_t bytes;
} plan;
static int started, ended, failed, holding;
static uint64_t received;
static double *first_byte;
static int firsts;

static size_t hello(unsigned char *out, const char *name) {
  size_t n = strlen(name), extension = 5 + n, body = 2 + 32 + 1 + 2 + 2 + 1 + 1 + 2 + 4 + extension;
  unsigned char *p = out;
  *p++ = 0x16, *p++ = 3, *p++ = 1, *p++ = (body + 4) >> 8, *p++ = body + 4;
  *p++ = 1, *p++ = 0, *p++ = body >> 8, *p++ = body;
  *p++ = 3, *p++ = 3;
  for (int i = 0; i < 32; i++) *p++ = i;
  *p++ = 0;                                     // no session
  *p++ = 0, *p++ = 2, *p++ = 0x13, *p++ = 1;    // one cipher suite
  *p++ = 1, *p++ = 0;                           // no compression
  *p++ = (4 + extension) >> 8, *p++ = 4 + extension;
  *p++ = 0, *p++ = 0, *p++ = extension >> 8, *p++ = extension;
  *p++ = (n + 3) >> 8, *p++ = n + 3, *p++ = 0, *p++ = n >> 8, *p++ = n;
  memcpy(p, name, n);
  return p + n - out;
}

static size_t request(unsigned char *out, uint64_t bytes) {
  // Of its own kind of record: a proxy that reads TLS takes anything else behind a ClientHello for a broken client.
  memcpy(out, "\x17\x03\x03\x00\x08", HEADER);
  for (int i = HEADER; i < REQUEST; i++) out[i] = bytes >> (8 * (REQUEST - 1 - i));
  return REQUEST;
}

static void end(struct tunnel *one, int well) {
  if (one->state == ENDED) return;
  one->state = ENDED;
  close(one->fd);
  ended++;
  if (!well) failed++;
}

static void sent(struct tunnel *one, const void *bytes, size_t count) {
  if (write(one->fd, bytes, count) != (ssize_t)count) end(one, 0);
}

static void ask(struct tunnel *one) {
  unsigned char out[1024];
  size_t count = hello(out, plan.name);
  count += request(out + count, plan.bytes);
  one->state = READING;
  one->left = plan.bytes;
  sent(one, out, count);
}

static void begin(struct tunnel *one) {
  started++;
  one->begun = now();
  one->fd = opened(&plan.to);
  one->state = CONNECTING;
  watch(plan.poll, EPOLL_CTL_ADD, one->fd, EPOLLOUT, one);
}

static void connected(struct tunnel *one) {
  watch(plan.poll, EPOLL_CTL_MOD, one->fd, EPOLLIN, one);
  if (plan.direct) {
    ask(one);
    return;
  }
  char head[512];
  int count = snprintf(head, sizeof head, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", plan.target, plan.target);
  one->state = ASKING;
  sent(one, head, count);
}

static void answered(struct tunnel *one) {
  // Byte by byte: what comes after the head is the tunnel's.
  char c;
  while (one->state == ASKING && read(one->fd, &c, 1) == 1) {
    if (one->head == 9 && c != '2') return end(one, 0);
    memmove(one->tail, one->tail + 1, 3);
    one->tail[3] = c;
    if (++one->head > MOST_HEAD) return end(one, 0);
    if (memcmp(one->tail, "\r\n\r\n", 4) == 0) ask(one);
  }
}

static void got(struct tunnel *one) {
  ssize_t count = read(one->fd, buffer, sizeof buffer);
  if (count == 0 || (count < 0 && errno != EAGAIN)) return end(one, 0);
  if (count < 0) return;
  if (one->state == READING && one->left == plan.bytes) first_byte[firsts++] = now() - one->begun;
  received += count;
  one->left -= (uint64_t)count < one->left ? (uint64_t)count : one->left;
  if (one->left > 0) return;
  if (one->state == READING && plan.hold_ms > 0) {
    one->state = HOLDING;
    holding++;
  } else end(one, 1);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void load(void) {
  struct tunnel *all = calloc(plan.count, sizeof *all);
  first_byte = calloc(plan.count, sizeof *first_byte);
  plan.poll = epoll_create1(0);
  double begun = now(), held = 0;
  while (started < plan.count && started < plan.at_a_time) begin(&all[started]);
  while (ended < plan.count) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(plan.poll, events, EVENTS, 100);
    for (int i = 0; i < count; i++) {
      struct tunnel *one = events[i].data.ptr;
      if (one->state == CONNECTING) connected(one);
      else if (one->state == ASKING) answered(one);
      else if (one->state != ENDED) got(one);
    }
    while (started < plan.count && started - ended < plan.at_a_time) begin(&all[started]);
    if (plan.hold_ms == 0 || held < 0) continue;
    if (held == 0 && holding + ended == plan.count) held = now();
    if (held > 0 && now() - held > plan.hold_ms / 1e3) {
      held = -1;
      for (int i = 0; i < plan.count; i++) {
        if (all[i].state != HOLDING) continue;
        unsigned char out[REQUEST];
        request(out, 1);
        all[i].state = AGAIN;
        all[i].left = 1;
        sent(&all[i], out, REQUEST);
      }
    }
  }
  double took = now() - begun;
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  qsort(first_byte, firsts, sizeof *first_byte, ascending);
  printf("{\"seconds\":%.6f,\"tunnels\":%d,\"failed\":%d,\"bytes\":%llu,\"p50Ms\":%.4f,\"p99Ms\":%.4f,\"cpuSeconds\":%.3f}\n", took,
         plan.count, failed, (unsigned long long)received, firsts ? first_byte[firsts / 2] * 1e3 : 0,
         firsts ? first_byte[(int)(firsts * 0.99)] * 1e3 : 0,
         use.ru_utime.tv_sec + use.ru_stime.tv_sec + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6);
}

static void loris(const char *proxy, int count, int seconds) {
  const char *head = "CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: api.anthropic.com:443\r\nX-Pad: ";
  struct sockaddr_in to = address(proxy);
  int *all = calloc(count, sizeof *all);
  for (int i = 0; i < count; i++) all[i] = opened(&to);
  puts("ready");
  fflush(stdout);
  for (int i = 0; i < seconds; i++) {
    for (int k = 0; k < count; k++) (void)!write(all[k], i < (int)strlen(head) ? head + i : "x", 1);
    sleep(1);
  }
}

static size_t whole_hello(unsigned char *out, const char *name, uint64_t bytes) {
  size_t count = hello(out, name);
  return count + request(out + count, bytes);
}

static void broken_off(struct sockaddr_in to, const char *head, size_t length, int count, int seconds) {
  enum { BATCHES = 10 };
  struct linger at_once = {1, 0};
  int *all = calloc(count, sizeof *all), some = count / BATCHES;
  for (int i = 0; i < seconds * BATCHES; i++) {
    for (int k = 0; k < some; k++) all[k] = opened(&to);
    usleep(20000);
    for (int k = 0; k < some; k++) (void)!write(all[k], head, length);
    usleep(40000);
    for (int k = 0; k < some; k++) {
      setsockopt(all[k], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      close(all[k]);
    }
    usleep(40000);
  }
}

static void pest(const char *kind, const char *proxy, const char *target, const char *name, int count, int seconds) {
  struct sockaddr_in to = address(proxy);
  char head[512], answer[1024];
  int length = snprintf(head, sizeof head, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target);
  if (strcmp(kind, "resets") == 0) {
    puts("ready");
    fflush(stdout);
    return broken_off(to, head, length, count, seconds);
  }
  int *all = calloc(count, sizeof *all), small = 4096;
  for (int i = 0; i < count; i++) all[i] = opened(&to);
  usleep(300000);
  if (strcmp(kind, "silent") != 0) {
    unsigned char first[1024];
    size_t size = whole_hello(first, name, strcmp(kind, "greedy") == 0 ? 1ull << 40 : 0);
    for (int i = 0; i < count; i++) setsockopt(all[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < count; i++) (void)!write(all[i], head, length);
    usleep(700000);
    for (int i = 0; i < count; i++) (void)!read(all[i], answer, sizeof answer);
    for (int i = 0; i < count; i++) (void)!write(all[i], first, size);
    usleep(300000);
  }
  puts("ready");
  fflush(stdout);
  sleep(seconds);
}

int main(int count, char **args) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  if (count == 3 && strcmp(args[1], "source") == 0) source(atoi(args[2]));
  else if (count == 5 && strcmp(args[1], "loris") == 0) loris(args[2], atoi(args[3]), atoi(args[4]));
  else if (count == 8 && strcmp(args[1], "pest") == 0) pest(args[2], args[3], args[4], args[5], atoi(args[6]), atoi(args[7]));
  else if (count == 9 && strcmp(args[1], "load") == 0) {
    plan.direct = strcmp(args[2], "-") == 0;
    plan.target = args[3];
    plan.to = address(plan.direct ? args[3] : args[2]);
    plan.name = args[4];
    plan.at_a_time = atoi(args[5]);
    plan.count = atoi(args[6]);
    plan.bytes = strtoull(args[7], NULL, 10);
    plan.hold_ms = atoi(args[8]);
    load();
  } else {
    fputs("usage: see the head of tunnels.c\n", stderr);
    return 3;
  }
  return 0;
}
