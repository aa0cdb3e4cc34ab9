// HTTP without sockets: requests and answers as whole values.
#pragma once

#include <functional>
#include <string>

#include "common/http/client.h"
#include "common/http/http.h"
#include "common/runtime/runtime.h"

namespace angophora::sim {

struct WebRequest {
  std::string method, target;
  http::Headers headers;
  std::string body;
  http::Peer peer;
};

struct WebAnswer {
  int status = 0;
  http::Headers headers;
  std::string body;
};

// What serves: an HTTP server's handler.
using Web = std::function<common::awaitable<http::Response>(http::Request&)>;

// A body that is there at once.
class WholeBody final : public http::BodyReader {
 public:
  explicit WholeBody(std::string bytes) : bytes_(std::move(bytes)) {}
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }
  common::Task<std::size_t> read(std::span<char> into) override;

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

// The answer with its body, which was in memory, in a file or comes in pieces.
common::Task<WebAnswer> collect(http::Response response);
// Has `web` serve the request; its body comes from `body`.
common::Task<WebAnswer> serve_web(Web web, WebRequest request,
                                  std::shared_ptr<http::BodyReader> body);

http::ClientResponse client_response(WebAnswer answer);

}  // namespace angophora::sim
