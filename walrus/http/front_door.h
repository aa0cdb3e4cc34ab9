// Every S3 request comes in here: request id, bucket and key, signature, operation, error body,
// log line.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "walrus/s3/operation.h"

namespace angophora::walrus {

// What is told about each request once it is answered (its body may still be on its way).
struct Served {
  std::string_view operation;  // "" when none was found
  int status = 0;
  common::Duration took{};
};

// I/O thread only. Outlives every request.
class FrontDoor {
 public:
  FrontDoor(Services& services, std::function<void(const Served&)> observe)
      : services_(services), observe_(std::move(observe)) {}

  boost::asio::awaitable<http::Response> handle(http::Request& request);

 private:
  boost::asio::awaitable<http::Response> answer(S3Call& call, std::string_view& operation);
  void finish(const S3Call& call, std::string_view operation, common::SteadyTime begun,
              http::Response& response);

  Services& services_;
  std::function<void(const Served&)> observe_;
};

// Who asks, as the judge of access wants it; needs the call's caller and permission.
std::shared_ptr<const Requester> requester_of(const Services& services, const S3Call& call);

// The error body, with status. `resource` is the path as sent.
http::Response error_reply(const Error& error, const S3Call& call,
                           const std::vector<std::pair<std::string, std::string>>& details = {});

}  // namespace angophora::walrus
