#include "nc/network/kernel_news.h"

#include <linux/if_addr.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <optional>

#include "common/log/log.h"
#include "nc/network/edge_options.h"

namespace angophora::nc {
namespace {

namespace asio = common::asio;
using common::awaitable;
using common::Result;

// The value at the begin of `bytes`; nothing when they are too few.
template <class T>
std::optional<T> value_at(std::string_view bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string_view behind(std::string_view bytes, std::size_t length) {
  return bytes.substr(std::min<std::size_t>(bytes.size(), NLMSG_ALIGN(length)));
}

// The text of the first attribute of a type; "" when there is none.
std::string_view text_attribute(std::string_view attributes, std::uint16_t type) {
  while (const auto head = value_at<nlattr>(attributes)) {
    if (head->nla_len < sizeof *head || head->nla_len > attributes.size()) return "";
    const auto text = attributes.substr(sizeof *head, head->nla_len - sizeof *head);
    if ((head->nla_type & NLA_TYPE_MASK) == type) return text.substr(0, text.find('\0'));
    attributes = behind(attributes, head->nla_len);
  }
  return "";
}

// Whether `judge` likes one of the datagram's messages: their type and what is behind the header.
bool any_message(std::string_view datagram,
                 const std::function<bool(std::uint16_t, std::string_view)>& judge) {
  while (const auto head = value_at<nlmsghdr>(datagram)) {
    if (head->nlmsg_len < sizeof *head || head->nlmsg_len > datagram.size()) return false;
    const auto payload = datagram.substr(sizeof *head, head->nlmsg_len - sizeof *head);
    if (judge(head->nlmsg_type, payload)) return true;
    datagram = behind(datagram, head->nlmsg_len);
  }
  return false;
}

bool is_our_rule(std::uint16_t type, std::string_view payload) {
  if (type >> 8 != NFNL_SUBSYS_NFTABLES) return false;
  // Elements come and go with every guest, and the look at the tables does not compare them.
  const int what = type & 0xff;
  if (what == NFT_MSG_NEWGEN || what == NFT_MSG_NEWSETELEM || what == NFT_MSG_DELSETELEM)
    return false;
  // Every kind of message names its table under the same number.
  static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
                NFTA_SET_TABLE == 1 && NFTA_OBJ_TABLE == 1 && NFTA_FLOWTABLE_TABLE == 1);
  return text_attribute(behind(payload, sizeof(nfgenmsg)), NFTA_TABLE_NAME)
      .starts_with(kTablePrefix);
}

bool is_our_link(std::uint16_t type, std::string_view payload) {
  if (type == RTM_DELADDR)
    return text_attribute(behind(payload, sizeof(ifaddrmsg)), IFA_LABEL) == kBridge;
  if (type != RTM_DELLINK && type != RTM_NEWLINK) return false;
  const auto link = value_at<ifinfomsg>(payload);
  if (!link || (type == RTM_NEWLINK && (link->ifi_flags & IFF_UP))) return false;
  const auto name = text_attribute(behind(payload, sizeof *link), IFLA_IFNAME);
  return name == kBridge || name.starts_with(kTapPrefix);
}

// A netlink socket that hears one family's multicast `groups`, a bit each.
Result<int> open_socket(int family, std::uint32_t groups) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, family);
  if (fd < 0) return common::errno_error(errno, "opening a netlink socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  auto error = common::errno_error(errno, "listening to the kernel's news");
  close(fd);
  return error;
}

enum class Read { news, nothing, empty, failed };

Read read_one(int fd, bool (*is_news)(std::string_view)) {
  std::array<char, 32768> buffer;
  const auto size = recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Read::empty;
  if (size < 0 && errno == EINTR) return Read::nothing;
  if (size < 0) return errno == ENOBUFS ? Read::news : Read::failed;
  const auto length = static_cast<std::size_t>(size);
  if (length > buffer.size()) return Read::news;  // too long to know
  return is_news({buffer.data(), length}) ? Read::news : Read::nothing;
}

constexpr int kReadsAtOnce = 64;  // then others have a turn on the I/O thread

awaitable<void> follow(common::Runtime& runtime, asio::posix::stream_descriptor socket,
                       bool (*is_news)(std::string_view), std::function<void()> tell) {
  constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
  while (!runtime.stopping()) {
    const auto [error] =
        co_await socket.async_wait(asio::posix::stream_descriptor::wait_read, kToken);
    if (error) co_return;
    bool news = false;
    auto last = Read::nothing;
    for (int i = 0; i < kReadsAtOnce && last != Read::empty && last != Read::failed; ++i) {
      last = read_one(socket.native_handle(), is_news);
      news = news || last == Read::news;
    }
    if (news) tell();
    if (last == Read::failed) {
      log::warn("network.news_ended",
                {{"effect", "what others change is noticed later, by looking now and then"}});
      co_return;
    }
  }
}

}  // namespace

bool names_our_rules(std::string_view datagram) { return any_message(datagram, is_our_rule); }

bool names_our_links(std::string_view datagram) { return any_message(datagram, is_our_link); }

Result<> follow_kernel(common::Runtime& runtime, std::function<void(KernelNews)> tell) {
  TRY(const int rules, open_socket(NETLINK_NETFILTER, 1u << (NFNLGRP_NFTABLES - 1)));
  asio::posix::stream_descriptor rules_socket(runtime.executor(), rules);
  TRY(const int links, open_socket(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR));
  asio::posix::stream_descriptor links_socket(runtime.executor(), links);
  std::function<void()> tell_rules = [tell] { tell(KernelNews::rules); };
  std::function<void()> tell_links = [tell] { tell(KernelNews::links); };
  runtime.spawn("network.news.rules",
                follow(runtime, std::move(rules_socket), names_our_rules, std::move(tell_rules)));
  runtime.spawn("network.news.links",
                follow(runtime, std::move(links_socket), names_our_links, std::move(tell_links)));
  return common::ok();
}

}  // namespace angophora::nc
