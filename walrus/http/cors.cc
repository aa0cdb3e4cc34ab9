#include "walrus/http/cors.h"

#include "common/base/text.h"
#include "walrus/documents/cors.h"
#include "walrus/s3/replies.h"
#include "walrus/store/bucket_settings.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kHeadersMax = 100;

Error forbidden(std::string message) {
  return Error(S3Errc::access_forbidden, "CORSResponse: " + std::move(message));
}

Task<std::optional<xml::Element>> find_rules(Services& services, std::string bucket) {
  if (bucket.empty()) co_return std::optional<xml::Element>();
  auto find = [bucket](Tx& tx) { return BucketSettings(tx).find(bucket, "cors"); };
  CO_TRY(const auto text, co_await services.db.read(std::move(find)));
  if (!text) co_return std::optional<xml::Element>();
  CO_TRY(auto rules, from_inner_xml(*text, kCorsShape));
  co_return std::optional(std::move(rules));
}

void add_answer(const CorsAnswer& answer, http::Headers& headers) {
  headers.add("Access-Control-Allow-Origin", answer.origin);
  if (!answer.any_origin) headers.add("Access-Control-Allow-Credentials", "true");
  headers.add("Access-Control-Allow-Methods", answer.methods);
  if (!answer.headers.empty()) headers.add("Access-Control-Allow-Headers", answer.headers);
  if (!answer.exposed.empty()) headers.add("Access-Control-Expose-Headers", answer.exposed);
  if (answer.age_max_s) headers.add("Access-Control-Max-Age", std::to_string(*answer.age_max_s));
  headers.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

std::vector<std::string> asked_headers(const S3Call& call) {
  std::vector<std::string> headers;
  for (const auto part : common::split(call.header("access-control-request-headers"), ','))
    if (const auto name = common::trim(part); !name.empty() && headers.size() < kHeadersMax)
      headers.push_back(common::to_lower(name));
  return headers;
}

}  // namespace

Task<http::Response> answer_preflight(Services& services, const S3Call& call) {
  CorsRequest request;
  request.origin = call.header("origin");
  request.method = call.header("access-control-request-method");
  if (request.origin.empty())
    co_return Error(S3Errc::bad_request, "Insufficient information. Origin request header needed.");
  if (request.method.empty())
    co_return Error(S3Errc::bad_request, "Invalid Access-Control-Request-Method: null");
  request.headers = asked_headers(call);
  CO_TRY(const auto rules, co_await find_rules(services, call.target.bucket));
  if (!rules) co_return forbidden("CORS is not enabled for this bucket.");
  const auto answer = answer_cors(*rules, request);
  if (!answer)
    co_return forbidden(
        "This CORS request is not allowed. This is usually because the evalution of Origin, "
        "request method / Access-Control-Request-Method or Access-Control-Request-Headers are not "
        "whitelisted by the resource's CORS spec.");
  auto response = empty_reply(200);
  add_answer(*answer, response.headers);
  co_return response;
}

boost::asio::awaitable<void> add_cors_headers(Services& services, const S3Call& call,
                                              http::Response& response) {
  if (!call.has_header("origin")) co_return;
  CorsRequest request;
  request.origin = call.header("origin");
  // A GET may say for which method it asks, as some clients do.
  const auto asked = call.header("access-control-request-method");
  request.method = asked.empty() ? call.http.method : std::string(asked);
  const auto rules = co_await find_rules(services, call.target.bucket);
  if (!rules || !rules.value()) co_return;
  if (const auto answer = answer_cors(*rules.value(), request))
    add_answer(*answer, response.headers);
}

}  // namespace angophora::walrus
