// What users talk to: every request of the public port. Routing, signature, permission, the action,
// the envelope of the answer, one log line and two figures.
#pragma once

#include "clc/http/policy_book.h"
#include "clc/http/routing.h"
#include "clc/http/throttle.h"
#include "clc/services.h"
#include "common/admin/metrics.h"
#include "common/audit/log.h"
#include "common/http/http.h"

namespace angophora::clc {

struct Incoming;

struct FrontDoorOptions {
  std::size_t body_bytes_max = 512 * 1024;
  audit::Log* audit = nullptr;   // is told of every call; outlives the door
  std::uint16_t s3_port = 8776;  // where S3 requests are pointed to, on the host they came to
};

class FrontDoor {
 public:
  // All borrowed; they outlive the last request.
  FrontDoor(Services& services, admin::Metrics& metrics, FrontDoorOptions options = {});

  // Fit for http::Server. Never throws.
  boost::asio::awaitable<http::Response> handle(http::Request& request);

 private:
  Task<std::string> read_body(http::Request& request);
  Task<Reply> run(Incoming& in, http::Request& request);
  Task<Reply> run_message(Incoming& in, http::Request& request, std::string body);
  http::Response answer(const Incoming& in, const Result<Reply>& outcome);
  boost::asio::awaitable<void> record(const Incoming& in, const http::Request& request,
                                      const Result<Reply>& outcome);
  void note(const Incoming& in, int status, const Result<Reply>& outcome, common::Duration took);

  // Whether the caller's account may ask at all now. ThrottleErrc.
  Result<> admit(const Incoming& in);

  Services& services_;
  PolicyBook policies_;
  Throttle throttle_;
  admin::Metrics& metrics_;
  FrontDoorOptions options_;
};

// What the server itself answers to a malformed request, in EC2's envelope.
http::Response refuse_malformed(common::Runtime& runtime, int status, std::string_view reason);

}  // namespace angophora::clc
