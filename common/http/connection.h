// One TCP connection, plain or TLS, with a deadline; the server and the client speak HTTP over it.
//
// Threads: the I/O thread only; one read and one write may be under way at the same time.
// Errors:  Errc::timed_out after the deadline, Errc::unavailable when the connection broke,
//          Errc::cancelled after abort().
#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "common/http/buffer.h"
#include "common/http/http.h"
#include "common/http/tls.h"
#include "common/runtime/runtime.h"

namespace angophora::http {

using Socket = boost::asio::ip::tcp::socket;

// Asio's operations give their error instead of throwing it.
inline constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

class Connection {
 public:
  Connection(common::Runtime& runtime, Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What is waiting when this time is over fails, and everything after it, until it is set anew.
  void expire_after(common::Duration limit);
  void expire_never();
  // Breaks the connection now; waiting reads and writes fail.
  void abort();

  Task<> connect(boost::asio::ip::tcp::endpoint to);
  // The first byte that the peer sends, left unread; -1 when it sends none.
  Task<int> peek_byte();
  Task<> accept_tls(boost::asio::ssl::context& context);
  // `host` goes into the greeting when it is a name.
  Task<> start_tls(boost::asio::ssl::context& context, std::string host);

  // Up to `into.size()` bytes; 0 when the peer has ended.
  Task<std::size_t> read_some(std::span<char> into);
  // Reads once, at least `room` bytes if there are so many, behind what is in received(); 0 at the
  // end.
  Task<std::size_t> receive(std::size_t room);
  Buffer& received() { return received_; }
  // Writes the pieces in order, together where they are small; `progress` is the time that each
  // step may take. What the pieces view must stay until the write is over.
  using Pieces = std::array<std::string_view, 3>;
  Task<> write(Pieces pieces, common::Duration progress);
  Task<> write(std::string_view bytes, common::Duration progress);
  // Errc::corrupt when the file is shorter than the range.
  Task<> send_file(FileRange range, common::Duration progress);

  // Says goodbye, so that the peer gets all that was written even if it is still sending.
  boost::asio::awaitable<void> finish();

  // True when nothing has arrived and the peer has not closed: fit for another request.
  bool is_quiet();
  bool tls() const { return tls_.has_value(); }
  // The peer as far as it is known by now.
  Peer peer() const;
  std::string peer_certificate() const;

  // Of what is written from now on; 0 means the system's limit.
  void limit_hops(int hops_max);

 private:
  struct Watch;

  common::Error failure(const boost::system::error_code& error, std::string_view doing) const;
  Task<> write_tls(std::string_view bytes, common::Duration progress);
  Task<> send_file_plain(FileRange range, common::Duration progress);
  Task<> send_file_copied(FileRange range, common::Duration progress);
  void on_deadline();

  common::Runtime& runtime_;
  Socket socket_;
  int hops_max_ = 0;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  Buffer received_;
  std::shared_ptr<Watch> watch_;
  bool timed_out_ = false;
  bool aborted_ = false;
};

}  // namespace angophora::http
