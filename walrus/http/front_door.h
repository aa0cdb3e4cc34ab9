// Every S3 request comes in here: request id, bucket and key, signature, operation, error body,
// log line.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "common/audit/log.h"
#include "walrus/logging/access_log.h"
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
  // `audit` is told of every call of those who are known, `access_log` of those on buckets that
  // have one; null: nobody is.
  FrontDoor(Services& services, std::function<void(const Served&)> observe,
            audit::Log* audit = nullptr, AccessLog* access_log = nullptr)
      : services_(services), observe_(std::move(observe)), audit_(audit), access_log_(access_log) {}

  boost::asio::awaitable<http::Response> handle(http::Request& request);

 private:
  // What became of a call.
  struct Outcome {
    std::string_view operation;  // "" when none was found
    std::optional<Error> refusal;
  };
  using Details = std::vector<std::pair<std::string, std::string>>;
  static http::Response refuse(const Error& error, const S3Call& call, Outcome& outcome,
                               const Details& details = {});
  boost::asio::awaitable<http::Response> answer(S3Call& call, Outcome& outcome);
  boost::asio::awaitable<void> record(const S3Call& call, const Outcome& outcome, int status);
  boost::asio::awaitable<void> log_access(const S3Call& call, const Outcome& outcome,
                                          common::SteadyTime begun, const http::Response& response);
  void finish(const S3Call& call, std::string_view operation, common::SteadyTime begun,
              http::Response& response);

  Services& services_;
  std::function<void(const Served&)> observe_;
  audit::Log* audit_;
  AccessLog* access_log_;
};

// Who asks, as the judge of access wants it; needs the call's caller and permission.
std::shared_ptr<const Requester> requester_of(const Services& services, const S3Call& call);

// The error body, with status. `resource` is the path as sent.
http::Response error_reply(const Error& error, const S3Call& call,
                           const std::vector<std::pair<std::string, std::string>>& details = {});

}  // namespace angophora::walrus
