#include "clc/cli/api_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;

namespace {

constexpr std::size_t kAnswerBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kUploadPieceBytes = 256 * 1024;

Result<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value && *value) return std::string(value);
  return Error(Errc::invalid_argument,
               fmt::format("the variable {} is not set: source the eucarc of your credentials "
                           "(angophora credentials makes it)",
                           name));
}

std::string host_header(const http::Url& url) { return fmt::format("{}:{}", url.host, url.port); }

std::string form_of(const QueryParameters& parameters) {
  std::string form;
  for (const auto& [name, value] : parameters) {
    if (!form.empty()) form.push_back('&');
    form += common::percent_encode(name) + "=" + common::percent_encode(value);
  }
  return form;
}

// Reads the code and the sentence out of any of our error envelopes.
Error refusal_of(int status, const std::string& body) {
  if (auto root = xml::read(body)) {
    for (const char* path : {"Errors/Error", "Error"})
      if (const auto* error = root.value().find(path))
        return Error(CliErrc::refused,
                     fmt::format("{}: {}", error->text_of("Code"), error->text_of("Message")));
    if (root.value().child("Code"))
      return Error(CliErrc::refused, fmt::format("{}: {}", root.value().text_of("Code"),
                                                 root.value().text_of("Message")));
  }
  return Error(CliErrc::refused, fmt::format("the answer had status {}", status));
}

// The headers that the signer added, back into the request.
void sign(http::ClientRequest& request, const sigv::Credentials& credentials,
          const sigv::Scope& scope, std::string body_sha256, common::SysTime now) {
  sigv::SignedRequest plain;
  plain.method = request.method;
  plain.target = request.url.target;
  request.headers.set("Host", host_header(request.url));
  for (const auto& field : request.headers) plain.headers.push_back(field);
  plain.body_sha256 = std::move(body_sha256);
  sigv::sign_v4(plain, credentials, scope, now);
  http::Headers headers;
  for (auto& [name, value] : plain.headers) headers.add(name, value);
  request.headers = std::move(headers);
}

http::ClientOptions client_options(std::string trust_file) {
  http::ClientOptions options;
  if (trust_file.empty())
    if (const char* bundle = std::getenv("AWS_CA_BUNDLE")) trust_file = bundle;
  options.trust_file = std::move(trust_file);
  return options;
}

// Reads a piece of a file bit by bit.
struct PieceReader {
  std::shared_ptr<const int> fd;
  std::uint64_t offset;
  std::uint64_t left;

  Result<std::string> next() {
    std::string bytes(std::min<std::uint64_t>(left, kUploadPieceBytes), '\0');
    if (bytes.empty()) return bytes;
    const auto got = pread(*fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0) return common::errno_error(errno, "reading a file to upload");
    if (got == 0) return Error(Errc::io, "a file to upload became shorter meanwhile");
    bytes.resize(static_cast<std::size_t>(got));
    offset += bytes.size();
    left -= bytes.size();
    return bytes;
  }
};

Task<std::string> read_next(common::Runtime& runtime, std::shared_ptr<PieceReader> reader) {
  auto read = [reader] { return reader->next(); };
  co_return co_await runtime.run_blocking(std::move(read));
}

}  // namespace

std::string_view to_string(CliErrc e) {
  return e == CliErrc::not_well ? "not all is well" : "the cloud refused";
}

Result<Endpoints> endpoints_from_environment() {
  Endpoints endpoints;
  TRY(endpoints.compute, variable("EC2_URL"));
  TRY(endpoints.s3, variable("S3_URL"));
  TRY(endpoints.bootstrap, variable("EUCA_BOOTSTRAP_URL"));
  TRY(endpoints.iam, variable("AWS_IAM_URL"));
  TRY(endpoints.properties, variable("EUCA_PROPERTIES_URL"));
  if (auto region = variable("AWS_DEFAULT_REGION")) endpoints.region = region.value();
  return endpoints;
}

Result<sigv::Credentials> credentials_from_environment() {
  sigv::Credentials credentials;
  TRY(credentials.access_key, variable("AWS_ACCESS_KEY_ID"));
  TRY(credentials.secret_key, variable("AWS_SECRET_ACCESS_KEY"));
  if (auto token = variable("AWS_SESSION_TOKEN")) credentials.session_token = token.value();
  return credentials;
}

Result<std::unique_ptr<ApiClient>> client_from_environment(common::Runtime& runtime) {
  TRY(auto endpoints, endpoints_from_environment());
  TRY(auto credentials, credentials_from_environment());
  return std::make_unique<ApiClient>(runtime, std::move(endpoints), std::move(credentials));
}

ApiClient::ApiClient(common::Runtime& runtime, Endpoints endpoints, sigv::Credentials credentials,
                     std::string trust_file)
    : runtime_(runtime),
      endpoints_(std::move(endpoints)),
      credentials_(std::move(credentials)),
      http_(runtime, client_options(std::move(trust_file))) {}

Task<xml::Element> ApiClient::compute(std::string action, QueryParameters parameters) {
  return query(endpoints_.compute, "ec2", "2016-11-15", std::move(action), std::move(parameters));
}

Task<xml::Element> ApiClient::bootstrap(std::string action, QueryParameters parameters) {
  return query(endpoints_.bootstrap, "bootstrap", "eucalyptus", std::move(action),
               std::move(parameters));
}

Task<xml::Element> ApiClient::properties(std::string action, QueryParameters parameters) {
  return query(endpoints_.properties, "properties", "eucalyptus", std::move(action),
               std::move(parameters));
}

Task<xml::Element> ApiClient::iam(std::string action, QueryParameters parameters) {
  const std::string result = action + "Result";
  const std::string service = "iam", version = "2010-05-08";
  CO_TRY(const auto answer, co_await query(endpoints_.iam, service, version, std::move(action),
                                           std::move(parameters)));
  if (const auto* found = answer.child(result)) co_return *found;
  co_return Error(Errc::corrupt, "the answer has no " + result);
}

Task<xml::Element> ApiClient::query(std::string url, std::string service, std::string version,
                                    std::string action, QueryParameters parameters) {
  http::ClientRequest request;
  request.method = "POST";
  CO_TRY(request.url, http::parse_url(url));
  parameters.emplace_back("Action", action);
  parameters.emplace_back("Version", version);
  request.body = form_of(parameters);
  request.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request.timeout = std::chrono::seconds(60);
  const sigv::Scope scope{endpoints_.region, service, sigv::Rules::query_api};
  sign(request, credentials_, scope, crypto::sha256_hex(request.body), runtime_.now());
  auto sent = co_await http_.send(std::move(request));
  if (!sent) co_return std::move(sent).assume_error().while_doing(action + " at " + url);
  auto answer = std::move(sent).assume_value();
  CO_TRY(auto body, co_await answer.body->read_all(kAnswerBytesMax));
  if (answer.status != 200) co_return refusal_of(answer.status, body).while_doing(action);
  co_return xml::read(body);
}

Task<> ApiClient::send_s3(http::ClientRequest request) {
  const sigv::Scope scope{endpoints_.region, "s3", sigv::Rules::s3};
  const std::string what = request.method + " " + request.url.target;
  sign(request, credentials_, scope, std::string(sigv::kUnsignedPayload), runtime_.now());
  auto sent = co_await http_.send(std::move(request));
  if (!sent) co_return std::move(sent).assume_error().while_doing(what + " at " + endpoints_.s3);
  auto answer = std::move(sent).assume_value();
  CO_TRY(auto body, co_await answer.body->read_all(kAnswerBytesMax));
  if (answer.status / 100 != 2) co_return refusal_of(answer.status, body).while_doing(what);
  co_return common::ok();
}

Task<> ApiClient::create_bucket(std::string bucket) {
  http::ClientRequest request;
  request.method = "PUT";
  CO_TRY(request.url, http::parse_url(endpoints_.s3));
  request.url.target = "/" + bucket;
  auto made = co_await send_s3(std::move(request));
  if (!made && made.error().message.find("BucketAlreadyOwnedByYou") != std::string::npos)
    co_return common::ok();
  co_return made;
}

Task<> ApiClient::put_object(std::string bucket, std::string key, FilePiece piece) {
  http::ClientRequest request;
  request.method = "PUT";
  CO_TRY(request.url, http::parse_url(endpoints_.s3));
  request.url.target = "/" + bucket + "/" + common::percent_encode(key, true);
  const int fd = open(piece.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) co_return common::errno_error(errno, "opening " + piece.path);
  auto reader = std::make_shared<PieceReader>();
  reader->fd = http::own_fd(fd);
  reader->offset = piece.offset;
  reader->left = piece.length;
  auto* runtime = &runtime_;
  request.body_source = [runtime, reader] { return read_next(*runtime, reader); };
  request.body_length = piece.length;
  request.timeout = std::chrono::minutes(5);
  co_return co_await send_s3(std::move(request));
}

Task<> ApiClient::put_object_text(std::string bucket, std::string key, std::string text) {
  http::ClientRequest request;
  request.method = "PUT";
  CO_TRY(request.url, http::parse_url(endpoints_.s3));
  request.url.target = "/" + bucket + "/" + common::percent_encode(key, true);
  request.body = std::move(text);
  co_return co_await send_s3(std::move(request));
}

Task<> ApiClient::delete_object(std::string bucket, std::string key) {
  http::ClientRequest request;
  request.method = "DELETE";
  CO_TRY(request.url, http::parse_url(endpoints_.s3));
  request.url.target = "/" + bucket + "/" + common::percent_encode(key, true);
  co_return co_await send_s3(std::move(request));
}

}  // namespace angophora::clc::cli
