#include "sc/exports/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "common/process/spawn.h"

namespace angophora::sc {
namespace {

using common::Errc;
using common::Error;
using common::Result;

struct Address {
  sockaddr_storage bytes{};
  socklen_t length = 0;
};

Result<Address> address_of(const std::string& text, std::uint16_t port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.length = sizeof *v4;
  } else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.length = sizeof *v6;
  } else {
    return Error(Errc::invalid_argument, "'" + text + "' is not an address");
  }
  return address;
}

std::uint16_t port_of(const Address& address) {
  if (address.bytes.ss_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in&>(address.bytes).sin_port);
  return ntohs(reinterpret_cast<const sockaddr_in6&>(address.bytes).sin6_port);
}

// The port when it can be had (0 asks for any), 0 when another has it.
Result<std::uint16_t> try_port(const std::string& text, std::uint16_t port) {
  TRY(auto address, address_of(text, port));
  const process::Descriptor socket(
      ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return common::errno_error(errno, "making a socket");
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  auto* raw = reinterpret_cast<sockaddr*>(&address.bytes);
  if (::bind(socket.get(), raw, address.length) != 0) {
    if (errno == EADDRINUSE || errno == EACCES) return std::uint16_t{0};
    return common::errno_error(errno, "listening on " + text);
  }
  // A listener elsewhere that shares the port by SO_REUSEADDR is found here.
  if (::listen(socket.get(), 1) != 0) return std::uint16_t{0};
  if (::getsockname(socket.get(), raw, &address.length) != 0)
    return common::errno_error(errno, "asking for a port");
  return port_of(address);
}

}  // namespace

Result<std::uint16_t> find_port(const std::string& address, const PortRange& range,
                                const std::set<std::uint16_t>& kept) {
  if (range.first == 0) {
    for (int i = 0; i < 100; ++i) {
      TRY(const auto port, try_port(address, 0));
      if (port != 0 && !kept.contains(port)) return port;
    }
  }
  for (unsigned port = range.first; port != 0 && port <= range.last; ++port) {
    const auto candidate = static_cast<std::uint16_t>(port);
    if (kept.contains(candidate)) continue;
    TRY(const auto free, try_port(address, candidate));
    if (free != 0) return candidate;
  }
  return Error(Errc::unavailable, "no port is left for another export at " + address);
}

}  // namespace angophora::sc
