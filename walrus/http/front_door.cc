#include "walrus/http/front_door.h"

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/log/log.h"
#include "common/xml/writer.h"
#include "walrus/http/access_record.h"
#include "walrus/http/audit.h"
#include "walrus/http/authenticate.h"
#include "walrus/http/cors.h"
#include "walrus/http/facts.h"
#include "walrus/http/post_object.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kParametersMax = 1000;

// What users are told of a failure of ours; the whole sentence goes to the log.
std::string told(S3Errc code, const Error& error) {
  if (code == S3Errc::internal_error) return "We encountered an internal error. Please try again.";
  return error.message;
}

S3Errc code_of(const Error& error) {
  if (error.code == make_error_code(db::DbErrc::full)) return S3Errc::insufficient_storage;
  return s3_error_of(error);
}

// Bucket, key and query of a request.
Result<> read_target(const Services& services, S3Call& call) {
  TRY(call.target, parse_target(call.header("host"), call.http.path(), services.settings.domain));
  if (call.target.key.size() > kKeyBytesMax)
    return Error(S3Errc::key_too_long, "Your key is too long");
  auto query = http::parse_query(call.http.query(), true, kParametersMax);
  if (!query) return Error(S3Errc::invalid_uri, "Couldn't parse the specified URI.");
  call.query = std::move(*query);
  return common::ok();
}

void read_expected_owner(const Services& services, S3Call& call) {
  const auto wanted = call.header("x-amz-expected-bucket-owner");
  if (wanted.empty()) return;
  const auto identities = services.identities.identities();
  const auto* account = identities->account(common::AccountId(std::string(wanted)));
  call.expected_owner = account ? account->canonical_id : "-";
}

}  // namespace

std::shared_ptr<const Requester> requester_of(const Services& services, const S3Call& call) {
  const auto now = services.runtime.now();
  Requester requester;
  requester.asker = call.caller.asker();
  requester.principal = call.caller.principal;
  requester.policies = call.caller.policies;
  requester.facts = facts_of(call, now);
  requester.now = now;
  requester.request_id = call.request_id;
  requester.account_numbers = services.identities.identities()->account_numbers();
  if (call.is_logged) requester.list_was_needed = std::make_shared<std::atomic<bool>>(false);
  return std::make_shared<const Requester>(std::move(requester));
}

http::Response error_reply(const Error& error, const S3Call& call,
                           const std::vector<std::pair<std::string, std::string>>& details) {
  const auto code = code_of(error);
  if (http_status(code) >= 500 && code != S3Errc::not_implemented)
    log::error("s3.failed", {{"request_id", call.request_id},
                             {"method", call.http.method},
                             {"bucket", call.target.bucket},
                             {"key", call.target.key},
                             {"reason", error}});
  xml::Writer writer;
  writer.open("Error").element("Code", to_string(code)).element("Message", told(code, error));
  for (const auto& [name, value] : details) writer.element(name, value);
  if (code == S3Errc::no_such_bucket) writer.element("BucketName", call.target.bucket);
  if (code == S3Errc::no_such_key) writer.element("Key", call.target.key);
  writer.element("Resource", call.http.path()).element("RequestId", call.request_id);
  writer.element("HostId", call.request_id);
  http::Response response;
  response.status = http_status(code);
  response.headers.add("Content-Type", "application/xml");
  for (const auto& [name, value] : call.refusal_headers) response.headers.add(name, value);
  response.body = std::move(writer).finish();
  return response;
}

boost::asio::awaitable<http::Response> FrontDoor::handle(http::Request& request) {
  const auto begun = services_.runtime.steady_now();
  S3Call call{request, {}, {}, services_.runtime.random_hex(16), {}, {}, {}, {}};
  Outcome outcome;
  auto response = co_await answer(call, outcome);
  if (request.method != "OPTIONS") co_await add_cors_headers(services_, call, response);
  finish(call, outcome.operation, begun, response);
  co_await record(call, outcome, response.status);
  co_await log_access(call, outcome, begun, response);
  co_return response;
}

http::Response FrontDoor::refuse(const Error& error, const S3Call& call, Outcome& outcome,
                                 const Details& details) {
  outcome.refusal = error;
  return error_reply(error, call, details);
}

// Strangers are told of when they were let in: what they send otherwise would drive the others out
// of the log.
boost::asio::awaitable<void> FrontDoor::record(const S3Call& call, const Outcome& outcome,
                                               int status) {
  constexpr int kRefused = 400;
  if (!audit_ || outcome.operation.empty()) co_return;
  if (call.caller.anonymous() && status >= kRefused) co_return;
  auto told = audit_call(call, outcome.operation);
  if (outcome.refusal) {
    told.error_code = std::string(to_string(code_of(*outcome.refusal)));
    told.error_message = ::angophora::walrus::told(code_of(*outcome.refusal), *outcome.refusal);
  }
  told.time = services_.runtime.now();
  told.region = services_.settings.region;
  told.event_id = services_.runtime.random_hex(32);
  auto text = audit::to_json(told);
  co_await audit_->append(std::move(text));
}

// Also of refusals, and of strangers: whose bucket it is wants to know.
boost::asio::awaitable<void> FrontDoor::log_access(const S3Call& call, const Outcome& outcome,
                                                   common::SteadyTime begun,
                                                   const http::Response& response) {
  if (!access_log_) co_return;
  const auto* source = access_log_->source(call.target.bucket);
  if (!source) co_return;
  std::string_view error_code;
  if (outcome.refusal) error_code = to_string(code_of(*outcome.refusal));
  const auto took = services_.runtime.steady_now() - begun;
  const auto now = services_.runtime.now();
  auto lines = access_lines(*source, call, outcome.operation, error_code, response, took, now);
  auto bucket = call.target.bucket;
  co_await access_log_->add(std::move(bucket), std::move(lines));
}

boost::asio::awaitable<http::Response> FrontDoor::answer(S3Call& call, Outcome& outcome) {
  if (const auto read = read_target(services_, call); !read)
    co_return refuse(read.error(), call, outcome);
  call.is_logged = access_log_ && access_log_->source(call.target.bucket);
  if (call.http.method == "OPTIONS") {
    auto response = co_await answer_preflight(services_, call);
    if (!response) co_return refuse(response.error(), call, outcome);
    co_return std::move(response).assume_value();
  }
  if (is_form_upload(call)) {
    outcome.operation = "PostObject";
    auto response = co_await answer_form_upload(services_, call);
    if (!response) co_return refuse(response.error(), call, outcome);
    co_return std::move(response).assume_value();
  }
  const auto refusal = co_await authenticate(services_, call);
  if (refusal) co_return refuse(refusal->error, call, outcome, refusal->details);
  read_expected_owner(services_, call);
  const auto found = find_s3_operation(call);
  if (!found) co_return refuse(found.error(), call, outcome);
  outcome.operation = found.value()->name;
  if (const auto known = refuse_unknown_features(call); !known)
    co_return refuse(known.error(), call, outcome);
  call.permission = found.value()->permission;
  call.settings = &services_.settings;
  call.requester = requester_of(services_, call);
  auto response = co_await found.value()->run(services_, call);
  if (!response) co_return refuse(response.error(), call, outcome);
  co_return std::move(response).assume_value();
}

void FrontDoor::finish(const S3Call& call, std::string_view operation, common::SteadyTime begun,
                       http::Response& response) {
  response.headers.add("x-amz-request-id", call.request_id);
  response.headers.add("x-amz-id-2", call.request_id);
  response.headers.add("Server", "Angophora");
  const auto took = services_.runtime.steady_now() - begun;
  if (observe_) observe_({operation, response.status, took});
  log::debug("s3.served",
             {{"request_id", call.request_id},
              {"operation", operation},
              {"account", call.caller.account},
              {"bucket", call.target.bucket},
              {"key", call.target.key},
              {"status", response.status},
              {"took_us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()}});
}

}  // namespace angophora::walrus
