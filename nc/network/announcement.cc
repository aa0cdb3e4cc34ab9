#include "nc/network/announcement.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "nc/network/addresses.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::errno_error;
using common::Error;
using common::Result;

class Socket {
 public:
  Socket() : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ARP))) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

void put(std::array<std::uint8_t, 42>& frame, std::size_t at, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    frame[at + i] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
}

}  // namespace

std::array<std::uint8_t, 42> announcement_frame(const MacBytes& mac, std::uint32_t address,
                                                std::uint16_t operation) {
  std::array<std::uint8_t, 42> frame{};
  std::fill_n(frame.begin(), 6, 0xff);
  std::copy(mac.begin(), mac.end(), frame.begin() + 6);
  put(frame, 12, ETH_P_ARP, 2);
  put(frame, 14, ARPHRD_ETHER, 2);
  put(frame, 16, ETH_P_IP, 2);
  frame[18] = 6;
  frame[19] = 4;
  put(frame, 20, operation, 2);
  std::copy(mac.begin(), mac.end(), frame.begin() + 22);
  put(frame, 28, address, 4);
  if (operation == ARPOP_REPLY) std::copy(mac.begin(), mac.end(), frame.begin() + 32);
  put(frame, 38, address, 4);
  return frame;
}

Result<> announce_address(const std::string& dev, const std::string& address) {
  const auto number = parse_ipv4(address);
  if (!number) return Error(Errc::invalid_argument, "'" + address + "' is not an address");
  const Socket packets;
  if (packets.fd() < 0) return errno_error(errno, "opening a packet socket");
  struct ifreq card {};
  dev.copy(card.ifr_name, IFNAMSIZ - 1);
  if (ioctl(packets.fd(), SIOCGIFHWADDR, &card) < 0)
    return errno_error(errno, "asking for the MAC of " + dev);
  if (card.ifr_hwaddr.sa_family != ARPHRD_ETHER) return common::ok();
  MacBytes mac;
  std::memcpy(mac.data(), card.ifr_hwaddr.sa_data, mac.size());
  struct sockaddr_ll to {};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(ETH_P_ARP);
  to.sll_ifindex = static_cast<int>(if_nametoindex(dev.c_str()));
  to.sll_halen = 6;
  std::fill_n(to.sll_addr, 6, 0xff);
  for (const std::uint16_t operation : {ARPOP_REQUEST, ARPOP_REPLY}) {
    const auto frame = announcement_frame(mac, *number, operation);
    if (sendto(packets.fd(), frame.data(), frame.size(), 0,
               reinterpret_cast<const struct sockaddr*>(&to), sizeof to) < 0)
      return errno_error(errno, "announcing " + address + " on " + dev);
  }
  return common::ok();
}

}  // namespace angophora::nc
