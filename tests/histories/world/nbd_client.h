// What a guest's QEMU does with the socket of a volume's client, and nothing more: reads and writes
// of blocks, many at once.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/runtime.h"

namespace angophora::histories {

using common::awaitable;
using common::Error;
using common::Result;
using common::Runtime;
using common::Task;

struct IoRequest {
  bool is_write = false;
  std::uint64_t offset = 0;
  std::string bytes;        // to write, or what was read
  bool answered = false;    // with
  std::uint32_t error = 0;  // NBD's errno; 0: done
};

// I/O thread only. Errors: Errc::unavailable, the connection is of no use any more.
class NbdClient {
 public:
  static Task<std::unique_ptr<NbdClient>> connect(Runtime& runtime, std::string socket,
                                                  std::string name);
  // Sends all that are not answered at once and takes the answers, in whatever order.
  Task<> run(std::vector<IoRequest>& requests);

 private:
  using Socket = boost::asio::local::stream_protocol::socket;
  explicit NbdClient(Socket socket) : socket_(std::move(socket)) {}
  Task<> open_export(std::string name);
  Task<std::string> receive(std::size_t count);
  Task<> send(std::string bytes);

  Socket socket_;
};

}  // namespace angophora::histories
