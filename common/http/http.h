// HTTP as handlers see it; no Beast in here. server.h and client.h serve and send these.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/result.h"

namespace angophora::http {

using common::Result;
using common::Task;

// Header fields in the order they came, names compared without case, several of one name allowed.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  void add(std::string name, std::string value);
  void set(std::string name, std::string value);  // replaces all of that name
  void remove(std::string_view name);
  // The first value; nothing when there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  // The first value, or "".
  std::string_view get(std::string_view name) const;
  // All values of `name`, in order.
  std::vector<std::string_view> all(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// Who is at the other end of the connection.
struct Peer {
  std::string address;  // numeric
  std::uint16_t port = 0;
  std::string local_address;  // where the connection arrived
  bool tls = false;
  std::string certificate_der;  // of a TLS peer that showed one, else empty; not judged yet
};

// The bytes of a message as they arrive. Chunked transfer is already taken apart.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // From Content-Length; nothing for a chunked body.
  virtual std::optional<std::uint64_t> length() const = 0;
  // Up to `into.size()` next bytes; 0 at the end. The first read of a request that came with
  // `Expect: 100-continue` sends 100 Continue.
  virtual Task<std::size_t> read(std::span<char> into) = 0;
  // All that is left; Errc::limit_exceeded when it is more than `bytes_max`.
  Task<std::string> read_all(std::size_t bytes_max);
};

struct Request {
  std::string method;
  std::string target;  // as sent: path and query, still percent-encoded
  Headers headers;
  Peer peer;
  BodyReader* body = nullptr;  // never null in a handler; lives as long as the request

  std::string_view path() const;   // of the target, still encoded
  std::string_view query() const;  // without '?', still encoded
};

// A piece of an open file, sent without copying where the transport allows.
struct FileRange {
  std::shared_ptr<const int> fd;  // its deleter closes
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
// Takes over a file descriptor.
std::shared_ptr<const int> own_fd(int fd);

// A body produced piece by piece: called until it returns an empty string.
using BodySource = std::function<Task<std::string>()>;

struct Response {
  int status = 200;
  Headers headers;
  std::variant<std::string, FileRange, BodySource> body;
  // Closes the connection afterwards, for example when the request's body was not read.
  bool close = false;
  // The Content-Length of an answer to HEAD, which has no body.
  std::optional<std::uint64_t> head_length;
  // How many IP hops the answer may make, for those that must not leave the neighbour; 0 means the
  // system's own limit.
  int hops_max = 0;
};

// Called once per request on the I/O thread. Must not throw; what it throws becomes a plain 500
// and a log line.
using Handler = std::function<boost::asio::awaitable<Response>(Request&)>;

// The parts of "a=1&b=%20x" in order, decoded; nothing when an escape is broken or there are more
// than `count_max` parts.
using Parameters = std::vector<std::pair<std::string, std::string>>;
std::optional<Parameters> parse_query(std::string_view encoded, bool plus_is_space,
                                      std::size_t count_max = 10000);

}  // namespace angophora::http
