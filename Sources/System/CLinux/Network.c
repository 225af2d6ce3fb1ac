#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUP(number) (1U << ((number) - 1))

int clinux_network_watch(int *descriptor) {
    *descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (*descriptor < 0) return errno;
    struct sockaddr_nl address = {
        .nl_family = AF_NETLINK,
        .nl_groups = GROUP(RTNLGRP_LINK) | GROUP(RTNLGRP_IPV4_IFADDR) | GROUP(RTNLGRP_IPV4_ROUTE) |
                     GROUP(RTNLGRP_IPV4_RULE) | GROUP(RTNLGRP_IPV6_IFADDR) | GROUP(RTNLGRP_IPV6_ROUTE) |
                     GROUP(RTNLGRP_IPV6_RULE),
    };
    int yes = 1;
    if (setsockopt(*descriptor, SOL_NETLINK, NETLINK_NO_ENOBUFS, &yes, sizeof yes) == 0 &&
        bind(*descriptor, (const struct sockaddr *)&address, sizeof address) == 0)
        return 0;
    int number = errno;
    close(*descriptor);
    *descriptor = -1;
    return number;
}

// Whether the link carries anything; what cannot be asked does.
static int link_is_up(uint32_t link) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (if_indextoname(link, request.ifr_name) == NULL) return 1;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return 1;
    int is_up = ioctl(descriptor, SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_RUNNING) != 0;
    close(descriptor);
    return is_up;
}

struct question {
    struct nlmsghdr header;
    struct rtmsg route;
    char attributes[64];
};

static void add_attribute(struct question *question, unsigned short type, const void *value, size_t size) {
    struct rtattr *attribute = (struct rtattr *)((char *)question + NLMSG_ALIGN(question->header.nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = RTA_LENGTH(size);
    memcpy(RTA_DATA(attribute), value, size);
    question->header.nlmsg_len = NLMSG_ALIGN(question->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

static int ask(int descriptor, int family, const void *address) {
    size_t size = family == AF_INET ? 4 : 16;
    struct question question;
    memset(&question, 0, sizeof question);
    question.header.nlmsg_len = NLMSG_LENGTH(sizeof question.route);
    question.header.nlmsg_type = RTM_GETROUTE;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.header.nlmsg_seq = 1;
    question.route.rtm_family = (unsigned char)family;
    question.route.rtm_dst_len = (unsigned char)(size * 8);
    add_attribute(&question, RTA_DST, address, size);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent = sendto(
        descriptor, &question, question.header.nlmsg_len, 0, (const struct sockaddr *)&kernel, sizeof kernel);
    return sent < 0 ? errno : 0;
}

static int take_answer(
    struct nlmsghdr *header, ssize_t count, struct clinux_route *route, char *source, char *router, socklen_t room) {
    if (!NLMSG_OK(header, count)) return EPROTO;
    if (header->nlmsg_type == NLMSG_ERROR) {
        if (header->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr))) return EPROTO;
        int number = -((const struct nlmsgerr *)NLMSG_DATA(header))->error;
        return number > 0 ? number : EPROTO;
    }
    if (header->nlmsg_type != RTM_NEWROUTE || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg))) return EPROTO;
    const struct rtmsg *message = NLMSG_DATA(header);
    if (message->rtm_type == RTN_UNREACHABLE || message->rtm_type == RTN_PROHIBIT || message->rtm_type == RTN_BLACKHOLE)
        return ENETUNREACH;
    size_t size = message->rtm_family == AF_INET ? 4 : 16;
    size_t left = RTM_PAYLOAD(header);
    for (struct rtattr *attribute = RTM_RTA(message); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type == RTA_OIF && RTA_PAYLOAD(attribute) >= sizeof route->link)
            memcpy(&route->link, RTA_DATA(attribute), sizeof route->link);
        if (attribute->rta_type == RTA_PREFSRC && RTA_PAYLOAD(attribute) >= size)
            inet_ntop(message->rtm_family, RTA_DATA(attribute), source, room);
        if (attribute->rta_type == RTA_GATEWAY && RTA_PAYLOAD(attribute) >= size)
            inet_ntop(message->rtm_family, RTA_DATA(attribute), router, room);
    }
    return 0;
}

static int find_route(const char *text, struct clinux_route *route, char *source, char *router, socklen_t room) {
    memset(route, 0, sizeof *route);
    memset(source, 0, room);
    memset(router, 0, room);
    unsigned char address[16];
    int family = inet_pton(AF_INET, text, address) == 1 ? AF_INET : AF_INET6;
    if (family == AF_INET6 && inet_pton(AF_INET6, text, address) != 1) return EINVAL;
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (descriptor < 0) return errno;
    int number = ask(descriptor, family, address);
    if (number == 0) {
        union {
            struct nlmsghdr header;
            char bytes[4096];
        } answer;
        // The kernel answers before sendto(2) returns.
        ssize_t count = recv(descriptor, &answer, sizeof answer, MSG_DONTWAIT);
        number = count < 0 ? errno : take_answer(&answer.header, count, route, source, router, room);
    }
    close(descriptor);
    return number;
}

int clinux_route_to(const char *text, struct clinux_route *route, char *source, socklen_t room) {
    char router[INET6_ADDRSTRLEN];
    if (room > sizeof router) room = sizeof router;
    int number = find_route(text, route, source, router, room);
    if (number == 0) route->is_link_up = link_is_up(route->link);
    return number;
}

// The address in `at`, which has the size of its family; NULL for another family.
static const unsigned char *address_bytes(const struct sockaddr *at, int family) {
    if (at == NULL || at->sa_family != family) return NULL;
    return family == AF_INET ? (const unsigned char *)&((const struct sockaddr_in *)at)->sin_addr
                             : (const unsigned char *)&((const struct sockaddr_in6 *)at)->sin6_addr;
}

// Writes the prefix that `source` is in, as `192.0.2.0/24`; nothing where it is alone in it, or where nobody can say.
static void find_prefix(const char *source, char *prefix, size_t room) {
    unsigned char wanted[16];
    int family = inet_pton(AF_INET, source, wanted) == 1 ? AF_INET : AF_INET6;
    if (family == AF_INET6 && inet_pton(AF_INET6, source, wanted) != 1) return;
    size_t size = family == AF_INET ? 4 : 16;
    struct ifaddrs *all;
    if (getifaddrs(&all) != 0) return;
    for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
        const unsigned char *address = address_bytes(one->ifa_addr, family);
        const unsigned char *mask = address_bytes(one->ifa_netmask, family);
        if (address == NULL || mask == NULL || memcmp(address, wanted, size) != 0) continue;
        unsigned char start[16];
        unsigned bits = 0;
        for (size_t index = 0; index < size; index++) {
            start[index] = address[index] & mask[index];
            bits += (unsigned)__builtin_popcount(mask[index]);
        }
        char text[INET6_ADDRSTRLEN];
        if (bits < size * 8 && inet_ntop(family, start, text, sizeof text) != NULL)
            snprintf(prefix, room, "%s/%u", text, bits);
        break;
    }
    freeifaddrs(all);
}

int clinux_network_to(const char *text, char *name, size_t room) {
    struct clinux_route route;
    char source[INET6_ADDRSTRLEN], router[INET6_ADDRSTRLEN], prefix[INET6_ADDRSTRLEN + 4] = "";
    memset(name, 0, room);
    int number = find_route(text, &route, source, router, INET6_ADDRSTRLEN);
    if (number != 0) return number;
    find_prefix(source, prefix, sizeof prefix);
    char link[IF_NAMESIZE] = "";
    if (prefix[0] == 0 && router[0] == 0 && if_indextoname(route.link, link) == NULL) return ENODEV;
    const char *via = router[0] == 0 ? "" : prefix[0] == 0 ? "via " : " via ";
    snprintf(name, room, "%s%s%s%s", prefix, via, router, link);
    return 0;
}
